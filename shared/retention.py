"""Forgetting what was kept long enough: repeated calls, handled and published messages."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func

from shared.database import Sessions
from shared.idempotency import forget_old_keys
from shared.messaging.tables import LOCAL

EVERY_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each thing is kept."""

    idempotency: timedelta
    inbox: timedelta
    outbox: timedelta


async def forget_for_ever(sessions: Sessions, retention: Retention) -> None:
    """Delete what is older than it must be, every ten minutes."""
    while True:
        await forget(sessions, retention)
        await asyncio.sleep(EVERY_SECONDS)


async def forget(sessions: Sessions, retention: Retention) -> None:
    """Delete what is older than it must be; never a message that is not published."""
    inbox, outbox, suspects = LOCAL.inbox, LOCAL.outbox, LOCAL.suspects
    async with sessions.begin() as session:
        await forget_old_keys(session, retention.idempotency)
        await session.execute(
            delete(inbox).where(inbox.c.handled_at < func.now() - retention.inbox)
        )
        await session.execute(delete(suspects).where(suspects.c.at < func.now() - retention.inbox))
        await session.execute(
            delete(outbox).where(outbox.c.published_at < func.now() - retention.outbox)
        )
