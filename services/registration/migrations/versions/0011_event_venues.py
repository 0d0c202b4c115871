"""Where events are held, for the desk's pages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "events",
        sa.Column("venue", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        schema="registration",
    )
    op.create_index("ix_events_starts_at_id", "events", ["starts_at", "id"], schema="registration")


def downgrade() -> None:
    op.drop_index("ix_events_starts_at_id", "events", schema="registration")
    op.drop_column("events", "venue", schema="registration")
