"""Tickets, desks and walk-ins."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_revocations()
    _create_conflicts()
    op.add_column("check_ins", sa.Column("desk", sa.Text()), schema="registration")
    op.add_column("attendance", sa.Column("nonce", sa.Text()), schema="registration")


def downgrade() -> None:
    op.drop_column("attendance", "nonce", schema="registration")
    op.drop_column("check_ins", "desk", schema="registration")
    op.drop_table("check_in_conflicts", schema="registration")
    op.execute("DROP TRIGGER enrolments_cancelled ON registration.enrolments")
    op.execute("DROP FUNCTION registration.revoke_ticket()")
    op.drop_table("ticket_revocations", schema="registration")


def _create_revocations() -> None:
    op.create_table(
        "ticket_revocations",
        sa.Column("version", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint(
            "cause IN ('reissued', 'cancelled')", name=op.f("ck_ticket_revocations_cause")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["registration.events.id"],
            name=op.f("fk_ticket_revocations_event_id"),
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["registration.enrolments.id"],
            name=op.f("fk_ticket_revocations_enrolment_id"),
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_ticket_revocations")),
        sa.UniqueConstraint(
            "enrolment_id", "serial", name=op.f("uq_ticket_revocations_enrolment_id_serial")
        ),
        schema="registration",
    )
    op.create_index(
        op.f("ix_ticket_revocations_event_id_version"),
        "ticket_revocations",
        ["event_id", "version"],
        schema="registration",
    )
    op.create_index(
        op.f("ix_ticket_revocations_code"), "ticket_revocations", ["code"], schema="registration"
    )
    op.execute("REVOKE UPDATE, DELETE ON registration.ticket_revocations FROM registration_app")
    # Whatever cancels an enrolment, one by one or all of an event, its ticket counts no longer.
    op.execute(
        """
        CREATE FUNCTION registration.revoke_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO registration.ticket_revocations
                (event_id, enrolment_id, serial, code, cause)
            SELECT NEW.event_id, NEW.id, coalesce(max(serial), 0) + 1, NEW.ticket, 'cancelled'
            FROM registration.ticket_revocations WHERE enrolment_id = NEW.id;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER enrolments_cancelled AFTER UPDATE OF status ON registration.enrolments
        FOR EACH ROW WHEN (NEW.status = 'cancelled' AND OLD.status <> 'cancelled')
        EXECUTE FUNCTION registration.revoke_ticket()
        """
    )
    op.execute(
        """
        INSERT INTO registration.ticket_revocations (event_id, enrolment_id, serial, code, cause)
        SELECT e.event_id, e.id, 1, e.ticket, 'cancelled' FROM registration.enrolments e
        WHERE e.status = 'cancelled' ORDER BY e.event_id, e.entry
        """
    )


def _create_conflicts() -> None:
    op.create_table(
        "check_in_conflicts",
        sa.Column("entry", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("enrolment_id", sa.Uuid(), nullable=True),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("person_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reported_by", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decision IN ('accepted', 'rejected')", name=op.f("ck_check_in_conflicts_decision")
        ),
        sa.CheckConstraint(
            "num_nulls(decision, decision_reason, settled_by, settled_at) IN (0, 4)",
            name=op.f("ck_check_in_conflicts_settled_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["registration.events.id"],
            name=op.f("fk_check_in_conflicts_event_id"),
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["registration.enrolments.id"],
            name=op.f("fk_check_in_conflicts_enrolment_id"),
        ),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_check_in_conflicts")),
        sa.UniqueConstraint("id", name=op.f("uq_check_in_conflicts_id")),
        sa.UniqueConstraint("desk", "nonce", name=op.f("uq_check_in_conflicts_desk_nonce")),
        schema="registration",
    )
    op.create_index(
        op.f("ix_check_in_conflicts_event_id_entry"),
        "check_in_conflicts",
        ["event_id", "entry"],
        schema="registration",
    )
    op.execute("REVOKE DELETE ON registration.check_in_conflicts FROM registration_app")
