"""What of deliveries is measured."""

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy import func, select

from services.notifications.deliveries.tables import NotificationRow, OwedRow
from shared.database import Sessions

ATTEMPTS = Counter(
    "qayidis_delivery_attempts",
    "Attempts by channel and outcome: accepted, refused, trylater, doubt.",
    ["channel", "outcome"],
)
PROVIDER_SECONDS = Histogram(
    "qayidis_provider_call_duration_seconds", "Time a provider takes to answer.", ["channel"]
)
NOTIFICATIONS = Gauge(
    "qayidis_notifications", "Notifications that are not settled, by status.", ["status"]
)
OWED = Gauge("qayidis_owed_notices", "Notices that wait for an event or a contact to be known.")

_OPEN = ("pending", "held", "sending", "sent", "unknown")


async def refresh_notification_gauges(sessions: Sessions) -> None:
    """Count open notifications by status, and owed notices."""
    async with sessions() as session:
        counts = await session.execute(
            select(NotificationRow.status, func.count())
            .where(NotificationRow.status.in_(_OPEN))
            .group_by(NotificationRow.status)
        )
        by_status = dict(counts.tuples().all())
        OWED.set(await session.scalar(select(func.count()).select_from(OwedRow)) or 0)
    for status in _OPEN:
        NOTIFICATIONS.labels(status).set(by_status.get(status, 0))
