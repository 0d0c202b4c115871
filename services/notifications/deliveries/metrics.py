"""What of deliveries is measured."""

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.deliveries.tables import NotificationRow, OwedRow
from shared.database import Sessions
from shared.metrics import when_committed

ATTEMPTS = Counter(
    "qayidis_delivery_attempts",
    "Attempts by channel and outcome: accepted, refused, trylater, doubt.",
    ["channel", "outcome"],
)
PROVIDER_SECONDS = Histogram(
    "qayidis_provider_call_duration_seconds",
    "Time a provider takes to answer, or until it is given up, by outcome as for attempts.",
    ["channel", "outcome"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
for _channel in ("sms", "email"):  # there from the start, so that their first growth is seen
    for _outcome in ("accepted", "refused", "trylater", "doubt"):
        ATTEMPTS.labels(_channel, _outcome)
        PROVIDER_SECONDS.labels(_channel, _outcome)
NOTIFICATIONS = Gauge(
    "qayidis_notifications", "Notifications that are not settled, by status.", ["status"]
)
SETTLED = Counter(
    "qayidis_notifications_settled",
    "Notifications that this process settled: delivered, failed, expired, suppressed; and those"
    " that it left as unknown.",
    ["status"],
)
for _status in ("delivered", "failed", "expired", "suppressed", "unknown"):
    SETTLED.labels(_status)
OVERDUE = Gauge(
    "qayidis_notifications_oldest_overdue_age_seconds",
    "Time since the oldest text that has not left was first tried, or due.",
)
OWED = Gauge("qayidis_owed_notices", "Notices that wait for an event or a contact to be known.")

_OPEN = ("pending", "held", "sending", "sent", "unknown")

# A text tried before is due later again and again: it is as old as its first try.
_OVERDUE = text("""
SELECT extract(epoch FROM now() - min(coalesce(a.started_at, n.due_at)))::float8
FROM notifications n LEFT JOIN attempts a ON a.notification_id = n.id AND a.number = 1
WHERE n.status IN ('pending', 'held') AND (n.attempts > 0 OR n.due_at <= now())
""")


async def refresh_notification_gauges(sessions: Sessions) -> None:
    """Count open notifications by status, and owed notices; tell the age of the oldest text."""
    async with sessions() as session:
        counts = await session.execute(
            select(NotificationRow.status, func.count())
            .where(NotificationRow.status.in_(_OPEN))
            .group_by(NotificationRow.status)
        )
        by_status = dict(counts.tuples().all())
        OWED.set(await session.scalar(select(func.count()).select_from(OwedRow)) or 0)
        OVERDUE.set(await session.scalar(_OVERDUE) or 0)
    for status in _OPEN:
        NOTIFICATIONS.labels(status).set(by_status.get(status, 0))


def count_settled(session: AsyncSession, status: str | None, many: int = 1) -> None:
    """Count notifications that got their last status, or none, once that is committed."""
    if status is not None and many:
        when_committed(session, lambda: SETTLED.labels(status).inc(many))
