"""The record of dead letters that were replayed, dropped or read."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dead_letter_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("exception", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("replays", sa.Integer(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "action IN ('replayed', 'dropped', 'shown')",
            name=op.f("ck_dead_letter_records_action_known"),
        ),
        sa.CheckConstraint(
            "action <> 'dropped' OR coalesce(reason, '') <> ''",
            name=op.f("ck_dead_letter_records_dropped_for_a_reason"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letter_records")),
        schema="notifications",
    )
    op.create_index(
        "ix_dead_letter_records_ref", "dead_letter_records", ["ref"], schema="notifications"
    )
    # Nobody edits it; only the message goes, when somebody in it is erased.
    revoked = "UPDATE, DELETE, TRUNCATE"
    op.execute(f"REVOKE {revoked} ON notifications.dead_letter_records FROM notifications_app")
    op.execute("GRANT UPDATE (message) ON notifications.dead_letter_records TO notifications_app")


def downgrade() -> None:
    op.drop_table("dead_letter_records", schema="notifications")
