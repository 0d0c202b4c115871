"""Contacts and texts sealed at rest."""

from shared.sealed_migrations import forget_answers, open_outbox, seal_answers, seal_outbox

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    seal_outbox("notifications")
    seal_answers("notifications")


def downgrade() -> None:
    forget_answers("notifications")
    open_outbox("notifications")
