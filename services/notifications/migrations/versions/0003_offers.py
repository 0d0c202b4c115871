"""Offers of seats: until when they are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("notifications", "owed_notices"):
        op.add_column(
            table,
            sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
            schema="notifications",
        )


def downgrade() -> None:
    for table in ("owed_notices", "notifications"):
        op.drop_column(table, "answer_by", schema="notifications")
