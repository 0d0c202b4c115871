"""The first tables: events and what messaging needs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.messaging.outbox import wake_channel
from shared.migrations import create_wake_up, drop_wake_up

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("summary", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enrolment_closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("venue_name", sa.Text(), nullable=False),
        sa.Column("venue_district", sa.Text(), nullable=False),
        sa.Column("venue_address", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("origins", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("residences", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "reason", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'cancelled', 'completed')",
            name=op.f("ck_events_status"),
        ),
        sa.CheckConstraint("capacity BETWEEN 1 AND 100000", name=op.f("ck_events_capacity")),
        sa.CheckConstraint("enrolment_closes_at <= starts_at", name=op.f("ck_events_closing")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_events_times")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        schema="events",
    )
    op.create_index(
        "ix_events_calendar",
        "events",
        ["starts_at", "id"],
        unique=False,
        schema="events",
        postgresql_where=sa.text("status <> 'draft'"),
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
        schema="events",
    )
    op.create_index(
        "ix_idempotency_keys_created_at",
        "idempotency_keys",
        ["created_at"],
        unique=False,
        schema="events",
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
        schema="events",
    )
    op.create_index("ix_inbox_handled_at", "inbox", ["handled_at"], unique=False, schema="events")
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
        schema="events",
    )
    op.create_index(
        "ix_outbox_published_at", "outbox", ["published_at"], unique=False, schema="events"
    )
    op.create_index(
        "ix_outbox_unnumbered",
        "outbox",
        ["entry"],
        unique=False,
        schema="events",
        postgresql_where=sa.text("position IS NULL"),
    )
    op.create_index(
        "ix_outbox_unpublished",
        "outbox",
        ["position"],
        unique=False,
        schema="events",
        postgresql_where=sa.text("position IS NOT NULL AND published_at IS NULL"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["occurred_at"],
        unique=False,
        schema="events",
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "outbox_sequences",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("type", name=op.f("pk_outbox_sequences")),
        schema="events",
    )
    create_wake_up(op, "events", "outbox", wake_channel("events"))
    # Alembic alone says which migrations ran.
    op.execute("REVOKE INSERT, UPDATE, DELETE ON events.alembic_version FROM events_app")


def downgrade() -> None:
    """Take it back."""
    op.execute("GRANT INSERT, UPDATE, DELETE ON events.alembic_version TO events_app")
    drop_wake_up(op, "events", "outbox")
    op.drop_table("outbox_sequences", schema="events")
    op.drop_index(
        "ix_outbox_waiting",
        table_name="outbox",
        schema="events",
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.drop_index(
        "ix_outbox_unpublished",
        table_name="outbox",
        schema="events",
        postgresql_where=sa.text("position IS NOT NULL AND published_at IS NULL"),
    )
    op.drop_index(
        "ix_outbox_unnumbered",
        table_name="outbox",
        schema="events",
        postgresql_where=sa.text("position IS NULL"),
    )
    op.drop_index("ix_outbox_published_at", table_name="outbox", schema="events")
    op.drop_table("outbox", schema="events")
    op.drop_index("ix_inbox_handled_at", table_name="inbox", schema="events")
    op.drop_table("inbox", schema="events")
    op.drop_index("ix_idempotency_keys_created_at", table_name="idempotency_keys", schema="events")
    op.drop_table("idempotency_keys", schema="events")
    op.drop_index(
        "ix_events_calendar",
        table_name="events",
        schema="events",
        postgresql_where=sa.text("status <> 'draft'"),
    )
    op.drop_table("events", schema="events")
