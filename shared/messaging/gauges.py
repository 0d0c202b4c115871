"""How far the outbox is behind, read when the metrics are."""

from sqlalchemy import func, select

from shared.database import Sessions
from shared.messaging.tables import LOCAL
from shared.metrics import OUTBOX_AGE, OUTBOX_WAITING


async def refresh_outbox_gauges(service: str, sessions: Sessions) -> None:
    """Count what is not published yet and tell the age of the oldest, in seconds."""
    outbox = LOCAL.outbox
    age = func.extract("epoch", func.now() - func.min(outbox.c.occurred_at))
    async with sessions() as session:
        waiting, oldest = (
            await session.execute(select(func.count(), age).where(outbox.c.published_at.is_(None)))
        ).one()
    OUTBOX_WAITING.labels(service).set(waiting)
    OUTBOX_AGE.labels(service).set(float(oldest or 0))
