"""The first tables: families, enrolments, check-ins, the local calendar, and messaging."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.messaging.outbox import wake_channel
from shared.migrations import create_wake_up, drop_wake_up

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("enrolment_closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status <> 'published' OR capacity IS NOT NULL",
            name=op.f("ck_events_published_has_facts"),
        ),
        sa.CheckConstraint(
            "status IN ('published', 'cancelled', 'completed')", name=op.f("ck_events_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        schema="registration",
    )
    op.create_table(
        "families",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("origin_district", sa.Text(), nullable=False),
        sa.Column("origin_settlement", sa.Text(), nullable=False),
        sa.Column("residence_district", sa.Text(), nullable=False),
        sa.Column("residence_settlement", sa.Text(), nullable=False),
        sa.Column("residence_address", sa.Text(), nullable=True),
        sa.Column("consent_basis", sa.Text(), nullable=True),
        sa.Column("consent_purposes", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("consent_given_by", sa.Text(), nullable=True),
        sa.Column("consent_given_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_families")),
        schema="registration",
    )
    op.create_index(
        op.f("ix_families_origin_district_id"),
        "families",
        ["origin_district", "id"],
        unique=False,
        schema="registration",
    )
    op.create_index(
        op.f("ix_families_residence_district_id"),
        "families",
        ["residence_district", "id"],
        unique=False,
        schema="registration",
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency_keys")),
        schema="registration",
    )
    op.create_index(
        "ix_idempotency_keys_created_at",
        "idempotency_keys",
        ["created_at"],
        unique=False,
        schema="registration",
    )
    op.create_table(
        "inbox",
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column(
            "handled_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("queue", "message_id", name=op.f("pk_inbox")),
        schema="registration",
    )
    op.create_index(
        "ix_inbox_handled_at", "inbox", ["handled_at"], unique=False, schema="registration"
    )
    op.create_table(
        "outbox",
        sa.Column("entry", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("routing_key", sa.Text(), nullable=False),
        sa.Column("expects_route", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_version", sa.Integer(), nullable=False),
        sa.Column(
            "occurred_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("causation_id", sa.Text(), nullable=True),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
        sa.UniqueConstraint("position", name=op.f("uq_outbox_position")),
        sa.UniqueConstraint("type", "sequence", name=op.f("uq_outbox_type_sequence")),
        sa.UniqueConstraint(
            "type",
            "subject",
            "subject_version",
            name=op.f("uq_outbox_type_subject_subject_version"),
        ),
        schema="registration",
    )
    op.create_index(
        "ix_outbox_published_at", "outbox", ["published_at"], unique=False, schema="registration"
    )
    op.create_index(
        "ix_outbox_unnumbered",
        "outbox",
        ["entry"],
        unique=False,
        schema="registration",
        postgresql_where=sa.text("position IS NULL"),
    )
    op.create_index(
        "ix_outbox_unpublished",
        "outbox",
        ["position"],
        unique=False,
        schema="registration",
        postgresql_where=sa.text("position IS NOT NULL AND published_at IS NULL"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["occurred_at"],
        unique=False,
        schema="registration",
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "outbox_sequences",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("type", name=op.f("pk_outbox_sequences")),
        schema="registration",
    )
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("person_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("origin_district", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entry", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("cancelled_by", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "cancelled_by IN ('family', 'staff', 'event')", name=op.f("ck_enrolments_cancelled_by")
        ),
        sa.CheckConstraint(
            "status IN ('confirmed', 'waitlisted', 'cancelled')", name=op.f("ck_enrolments_status")
        ),
        sa.CheckConstraint(
            "seats > 0 AND seats = cardinality(person_ids)", name=op.f("ck_enrolments_seats")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["registration.events.id"], name=op.f("fk_enrolments_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["family_id"], ["registration.families.id"], name=op.f("fk_enrolments_family_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
        sa.UniqueConstraint("ticket", name=op.f("uq_enrolments_ticket")),
        schema="registration",
    )
    op.create_index(
        op.f("ix_enrolments_event_id_entry"),
        "enrolments",
        ["event_id", "entry"],
        unique=False,
        schema="registration",
    )
    op.create_index(
        op.f("ix_enrolments_event_id_status_entry"),
        "enrolments",
        ["event_id", "status", "entry"],
        unique=False,
        schema="registration",
    )
    op.create_index(
        op.f("ix_enrolments_family_id"),
        "enrolments",
        ["family_id"],
        unique=False,
        schema="registration",
    )
    op.create_index(
        "uq_enrolments_active",
        "enrolments",
        ["event_id", "family_id"],
        unique=True,
        schema="registration",
        postgresql_where=sa.text("status IN ('confirmed', 'waitlisted')"),
    )
    op.create_table(
        "persons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("patronymic", sa.Text(), nullable=True),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("fin", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("sms_unreachable", sa.Text(), nullable=True),
        sa.Column("sms_unreachable_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("email_unreachable", sa.Text(), nullable=True),
        sa.Column("email_unreachable_version", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["family_id"], ["registration.families.id"], name=op.f("fk_persons_family_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
        sa.UniqueConstraint("fin", name=op.f("uq_persons_fin")),
        schema="registration",
    )
    op.create_index(
        op.f("ix_persons_family_id_position"),
        "persons",
        ["family_id", "position"],
        unique=False,
        schema="registration",
    )
    op.create_index(
        "ix_persons_fin_prefix",
        "persons",
        ["fin"],
        unique=False,
        schema="registration",
        postgresql_ops={"fin": "text_pattern_ops"},
    )
    op.create_index(
        "ix_persons_name_key_trigrams",
        "persons",
        ["name_key"],
        unique=False,
        schema="registration",
        postgresql_using="gin",
        postgresql_ops={"name_key": "public.gin_trgm_ops"},
    )
    op.create_index(
        "ix_persons_phone_trigrams",
        "persons",
        ["phone"],
        unique=False,
        schema="registration",
        postgresql_using="gin",
        postgresql_ops={"phone": "public.gin_trgm_ops"},
    )
    op.create_table(
        "attendance",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["registration.enrolments.id"],
            name=op.f("fk_attendance_enrolment_id"),
        ),
        sa.PrimaryKeyConstraint("event_id", "person_id", name=op.f("pk_attendance")),
        schema="registration",
    )
    op.create_index(
        op.f("ix_attendance_enrolment_id"),
        "attendance",
        ["enrolment_id"],
        unique=False,
        schema="registration",
    )
    op.create_table(
        "check_ins",
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("person_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("attended", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["registration.enrolments.id"], name=op.f("fk_check_ins_enrolment_id")
        ),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_check_ins")),
        schema="registration",
    )
    op.create_index(
        op.f("ix_check_ins_enrolment_id"),
        "check_ins",
        ["enrolment_id"],
        unique=False,
        schema="registration",
    )
    create_wake_up(op, "registration", "outbox", wake_channel("registration"))
    # Only a migrator says at which revision the schema is.
    op.execute(
        "REVOKE INSERT, UPDATE, DELETE ON registration.alembic_version FROM registration_app"
    )


def downgrade() -> None:
    drop_wake_up(op, "registration", "outbox")
    op.drop_index(op.f("ix_check_ins_enrolment_id"), table_name="check_ins", schema="registration")
    op.drop_table("check_ins", schema="registration")
    op.drop_index(
        op.f("ix_attendance_enrolment_id"), table_name="attendance", schema="registration"
    )
    op.drop_table("attendance", schema="registration")
    op.drop_index(
        "ix_persons_phone_trigrams",
        table_name="persons",
        schema="registration",
        postgresql_using="gin",
        postgresql_ops={"phone": "public.gin_trgm_ops"},
    )
    op.drop_index(
        "ix_persons_name_key_trigrams",
        table_name="persons",
        schema="registration",
        postgresql_using="gin",
        postgresql_ops={"name_key": "public.gin_trgm_ops"},
    )
    op.drop_index(
        "ix_persons_fin_prefix",
        table_name="persons",
        schema="registration",
        postgresql_ops={"fin": "text_pattern_ops"},
    )
    op.drop_index(
        op.f("ix_persons_family_id_position"), table_name="persons", schema="registration"
    )
    op.drop_table("persons", schema="registration")
    op.drop_index(
        "uq_enrolments_active",
        table_name="enrolments",
        schema="registration",
        postgresql_where=sa.text("status IN ('confirmed', 'waitlisted')"),
    )
    op.drop_index(op.f("ix_enrolments_family_id"), table_name="enrolments", schema="registration")
    op.drop_index(
        op.f("ix_enrolments_event_id_status_entry"), table_name="enrolments", schema="registration"
    )
    op.drop_index(
        op.f("ix_enrolments_event_id_entry"), table_name="enrolments", schema="registration"
    )
    op.drop_table("enrolments", schema="registration")
    op.drop_table("outbox_sequences", schema="registration")
    op.drop_index(
        "ix_outbox_waiting",
        table_name="outbox",
        schema="registration",
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.drop_index(
        "ix_outbox_unpublished",
        table_name="outbox",
        schema="registration",
        postgresql_where=sa.text("position IS NOT NULL AND published_at IS NULL"),
    )
    op.drop_index(
        "ix_outbox_unnumbered",
        table_name="outbox",
        schema="registration",
        postgresql_where=sa.text("position IS NULL"),
    )
    op.drop_index("ix_outbox_published_at", table_name="outbox", schema="registration")
    op.drop_table("outbox", schema="registration")
    op.drop_index("ix_inbox_handled_at", table_name="inbox", schema="registration")
    op.drop_table("inbox", schema="registration")
    op.drop_index(
        "ix_idempotency_keys_created_at", table_name="idempotency_keys", schema="registration"
    )
    op.drop_table("idempotency_keys", schema="registration")
    op.drop_index(
        op.f("ix_families_residence_district_id"), table_name="families", schema="registration"
    )
    op.drop_index(
        op.f("ix_families_origin_district_id"), table_name="families", schema="registration"
    )
    op.drop_table("families", schema="registration")
    op.drop_table("events", schema="registration")
