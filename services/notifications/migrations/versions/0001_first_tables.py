"""The first tables."""

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
        "contacts",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("known_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=True),
        sa.Column("given_name", sa.Text(), nullable=True),
        sa.Column("family_name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("origin_district", sa.Text(), nullable=True),
        sa.Column("residence_district", sa.Text(), nullable=True),
        sa.Column("may_notify", sa.Boolean(), nullable=False),
        sa.Column("unreachable_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_contacts")),
        schema="notifications",
    )
    op.create_index(
        "ix_contacts_family_id", "contacts", ["family_id"], unique=False, schema="notifications"
    )
    op.create_index(
        "ix_contacts_origin_district",
        "contacts",
        ["origin_district", "residence_district"],
        unique=False,
        schema="notifications",
    )
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("person_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("cancelled_by", sa.Text(), nullable=True),
        sa.Column("waiting_position", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
        schema="notifications",
    )
    op.create_index(
        "ix_enrolments_event_id", "enrolments", ["event_id"], unique=False, schema="notifications"
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_version", sa.Integer(), nullable=False),
        sa.Column("facts_version", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("venue", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("audience", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("enrolment_closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("move_reason", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("end_reason", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        schema="notifications",
    )
    op.create_index(
        "ix_events_open",
        "events",
        ["published_at"],
        unique=False,
        schema="notifications",
        postgresql_where="status = 'published'",
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
        schema="notifications",
    )
    op.create_index(
        "ix_idempotency_keys_created_at",
        "idempotency_keys",
        ["created_at"],
        unique=False,
        schema="notifications",
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
        schema="notifications",
    )
    op.create_index(
        "ix_inbox_handled_at", "inbox", ["handled_at"], unique=False, schema="notifications"
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("person_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("names", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("waiting_position", sa.Integer(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("priority", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=True),
        sa.Column("templates_version", sa.Integer(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("correlation_id", sa.Text(), nullable=True),
        sa.Column("causation_id", sa.Text(), nullable=True),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint(
            "enrolment_id",
            "kind",
            "version",
            "address",
            name=op.f("uq_notifications_enrolment_id_kind_version_address"),
        ),
        schema="notifications",
    )
    op.create_index(
        "ix_notifications_created_at",
        "notifications",
        ["created_at", "id"],
        unique=False,
        schema="notifications",
    )
    op.create_index(
        "ix_notifications_due",
        "notifications",
        ["priority", "due_at", "id"],
        unique=False,
        schema="notifications",
        postgresql_where="status IN ('pending', 'held')",
    )
    op.create_index(
        "ix_notifications_event_id",
        "notifications",
        ["event_id", "created_at", "id"],
        unique=False,
        schema="notifications",
    )
    op.create_index(
        "ix_notifications_family_id",
        "notifications",
        ["family_id", "created_at", "id"],
        unique=False,
        schema="notifications",
    )
    op.create_index(
        "ix_notifications_lease",
        "notifications",
        ["lease_until"],
        unique=False,
        schema="notifications",
        postgresql_where="status = 'sending'",
    )
    op.create_index(
        "ix_notifications_person_ids",
        "notifications",
        ["person_ids"],
        unique=False,
        schema="notifications",
        postgresql_using="gin",
    )
    op.create_index(
        "ix_notifications_status",
        "notifications",
        ["status", "created_at", "id"],
        unique=False,
        schema="notifications",
    )
    op.create_index(
        "uq_notifications_invitation",
        "notifications",
        ["event_id", "address"],
        unique=True,
        schema="notifications",
        postgresql_where="kind = 'invitation'",
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
        schema="notifications",
    )
    op.create_index(
        "ix_outbox_published_at", "outbox", ["published_at"], unique=False, schema="notifications"
    )
    op.create_index(
        "ix_outbox_unnumbered",
        "outbox",
        ["entry"],
        unique=False,
        schema="notifications",
        postgresql_where=sa.text("position IS NULL"),
    )
    op.create_index(
        "ix_outbox_unpublished",
        "outbox",
        ["position"],
        unique=False,
        schema="notifications",
        postgresql_where=sa.text("position IS NOT NULL AND published_at IS NULL"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["occurred_at"],
        unique=False,
        schema="notifications",
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "outbox_sequences",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("type", name=op.f("pk_outbox_sequences")),
        schema="notifications",
    )
    op.create_table(
        "owed_notices",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("person_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("seated", sa.Boolean(), nullable=False),
        sa.Column("waiting_position", sa.Integer(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("correlation_id", sa.Text(), nullable=True),
        sa.Column("causation_id", sa.Text(), nullable=True),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column(
            "owed_since",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("enrolment_id", "kind", "version", name=op.f("pk_owed_notices")),
        schema="notifications",
    )
    op.create_table(
        "attempts",
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.notifications.id"],
            name=op.f("fk_attempts_notification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("notification_id", "number", name=op.f("pk_attempts")),
        schema="notifications",
    )
    op.create_index(
        "ix_attempts_started_at", "attempts", ["started_at"], unique=False, schema="notifications"
    )
    create_wake_up(op, "notifications", "outbox", wake_channel("notifications"))
    create_wake_up(op, "notifications", "notifications", "notifications_due")
    # Alembic alone says which migrations ran.
    op.execute(
        "REVOKE INSERT, UPDATE, DELETE ON notifications.alembic_version FROM notifications_app"
    )


def downgrade() -> None:
    op.execute("GRANT INSERT, UPDATE, DELETE ON notifications.alembic_version TO notifications_app")
    drop_wake_up(op, "notifications", "notifications")
    drop_wake_up(op, "notifications", "outbox")
    op.drop_index("ix_attempts_started_at", table_name="attempts", schema="notifications")
    op.drop_table("attempts", schema="notifications")
    op.drop_table("owed_notices", schema="notifications")
    op.drop_table("outbox_sequences", schema="notifications")
    op.drop_index(
        "ix_outbox_waiting",
        table_name="outbox",
        schema="notifications",
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.drop_index(
        "ix_outbox_unpublished",
        table_name="outbox",
        schema="notifications",
        postgresql_where=sa.text("position IS NOT NULL AND published_at IS NULL"),
    )
    op.drop_index(
        "ix_outbox_unnumbered",
        table_name="outbox",
        schema="notifications",
        postgresql_where=sa.text("position IS NULL"),
    )
    op.drop_index("ix_outbox_published_at", table_name="outbox", schema="notifications")
    op.drop_table("outbox", schema="notifications")
    op.drop_index(
        "uq_notifications_invitation",
        table_name="notifications",
        schema="notifications",
        postgresql_where="kind = 'invitation'",
    )
    op.drop_index("ix_notifications_status", table_name="notifications", schema="notifications")
    op.drop_index(
        "ix_notifications_person_ids",
        table_name="notifications",
        schema="notifications",
        postgresql_using="gin",
    )
    op.drop_index(
        "ix_notifications_lease",
        table_name="notifications",
        schema="notifications",
        postgresql_where="status = 'sending'",
    )
    op.drop_index("ix_notifications_family_id", table_name="notifications", schema="notifications")
    op.drop_index("ix_notifications_event_id", table_name="notifications", schema="notifications")
    op.drop_index(
        "ix_notifications_due",
        table_name="notifications",
        schema="notifications",
        postgresql_where="status IN ('pending', 'held')",
    )
    op.drop_index("ix_notifications_created_at", table_name="notifications", schema="notifications")
    op.drop_table("notifications", schema="notifications")
    op.drop_index("ix_inbox_handled_at", table_name="inbox", schema="notifications")
    op.drop_table("inbox", schema="notifications")
    op.drop_index(
        "ix_idempotency_keys_created_at", table_name="idempotency_keys", schema="notifications"
    )
    op.drop_table("idempotency_keys", schema="notifications")
    op.drop_index(
        "ix_events_open",
        table_name="events",
        schema="notifications",
        postgresql_where="status = 'published'",
    )
    op.drop_table("events", schema="notifications")
    op.drop_index("ix_enrolments_event_id", table_name="enrolments", schema="notifications")
    op.drop_table("enrolments", schema="notifications")
    op.drop_index("ix_contacts_origin_district", table_name="contacts", schema="notifications")
    op.drop_index("ix_contacts_family_id", table_name="contacts", schema="notifications")
    op.drop_table("contacts", schema="notifications")
