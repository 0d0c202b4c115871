"""The rule of seating."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.sealed_migrations import open_outbox, seal_outbox

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_DEFAULT = """'{"rule": "best_fit", "offer_hours": null, "district_caps": {}}'"""


def upgrade() -> None:
    seal_outbox("events")
    op.add_column(
        "events",
        sa.Column(
            "seating",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text(_DEFAULT),
            nullable=False,
        ),
        schema="events",
    )


def downgrade() -> None:
    open_outbox("events")
    op.drop_column("events", "seating", schema="events")
