"""Rules of seating, offers, and what was decided of the waiting list."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "events",
        sa.Column("rule", sa.Text(), server_default="best_fit", nullable=False),
        schema="registration",
    )
    op.add_column(
        "events", sa.Column("offer_hours", sa.Integer(), nullable=True), schema="registration"
    )
    op.add_column(
        "events",
        sa.Column(
            "district_caps",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        schema="registration",
    )
    op.create_check_constraint(
        op.f("ck_events_rule"),
        "events",
        "rule IN ('best_fit', 'strict_order')",
        schema="registration",
    )
    op.add_column(
        "enrolments",
        sa.Column("offer_expires_at", sa.DateTime(timezone=True), nullable=True),
        schema="registration",
    )
    op.add_column(
        "enrolments",
        sa.Column("offer_missed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="registration",
    )
    op.create_check_constraint(
        op.f("ck_enrolments_offer"),
        "enrolments",
        "offer_expires_at IS NULL OR status = 'waitlisted'",
        schema="registration",
    )
    op.create_index(
        "ix_enrolments_offers",
        "enrolments",
        ["event_id", "offer_expires_at"],
        schema="registration",
        postgresql_where=sa.text("offer_expires_at IS NOT NULL"),
    )
    op.create_table(
        "waiting_decisions",
        sa.Column("entry", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("free", sa.Integer(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["registration.enrolments.id"],
            name=op.f("fk_waiting_decisions_enrolment_id"),
        ),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_waiting_decisions")),
        schema="registration",
    )
    op.create_index(
        op.f("ix_waiting_decisions_enrolment_id_entry"),
        "waiting_decisions",
        ["enrolment_id", "entry"],
        schema="registration",
    )
    op.execute(
        "REVOKE UPDATE, DELETE, TRUNCATE ON registration.waiting_decisions FROM registration_app"
    )
    _create_group_plans()


def downgrade() -> None:
    op.drop_table("group_plans", schema="registration")
    op.drop_table("waiting_decisions", schema="registration")
    op.drop_index("ix_enrolments_offers", "enrolments", schema="registration")
    op.drop_constraint(op.f("ck_enrolments_offer"), "enrolments", schema="registration")
    op.drop_column("enrolments", "offer_missed", schema="registration")
    op.drop_column("enrolments", "offer_expires_at", schema="registration")
    op.drop_constraint(op.f("ck_events_rule"), "events", schema="registration")
    for column in ("district_caps", "offer_hours", "rule"):
        op.drop_column("events", column, schema="registration")


def _create_group_plans() -> None:
    op.create_table(
        "group_plans",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("families", sa.Text(), nullable=False),
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("groups", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["registration.events.id"], name=op.f("fk_group_plans_event_id")
        ),
        sa.PrimaryKeyConstraint("event_id", "version", name=op.f("pk_group_plans")),
        schema="registration",
    )
