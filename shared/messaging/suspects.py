"""Messages that a process held each time it died: which of them killed it?

A process that is killed says nothing, and the broker counts one more delivery of all it held, the
hundreds of innocents too. From the third on a message is a suspect. It is handled alone, one
suspect at a time in the whole process, after its attempt was committed: so a row that is left tells
on what the process died. A suspect that was tried before waits until those beside it are handled.
"""

import asyncio
import hashlib
from typing import Literal
from uuid import UUID

import structlog
from faststream.rabbit import RabbitMessage
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Sessions
from shared.messaging.tables import LOCAL
from shared.observability import describe

log = structlog.get_logger()

SUSPECT = 3
"""Deliveries that came to nothing before a message is a suspect; far below the broker's limit."""

ATTEMPTS = 3
"""Tries alone, each of which the process did not survive, before a suspect is parked."""

REST_SECONDS = 1.0
"""How long a suspect that was tried before stands back for what was delivered with it."""

_COUNTS = ("x-delivery-count", "x-acquired-count")
"""The first was seen to grow for all that a dead process had in hand, on RabbitMQ 3.10 and 4.0.
From 4.3 on, says its documentation, it counts failures alone, and the second every delivery."""

Next = Literal["try", "rest", "park"]


class ProcessDiedError(Exception):
    """The process died each time it handled this message alone."""

    def __init__(self, deliveries: int) -> None:
        super().__init__(
            f"the process died {ATTEMPTS} times while it handled this message alone, "
            f"which came to nothing {deliveries} times in all"
        )


class Suspects:
    """The suspects of one process; all its consumers share it."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self.alone = asyncio.Lock()
        """Held while a suspect is handled, so that a death is never blamed on two."""

    async def begin(self, queue: str, raw: RabbitMessage, *, rested: bool) -> Next:
        """Commit that a suspect is tried now, or say why it is not.

        `rested` tells that it stood back already. Nobody tries it without the commit.
        """
        table, id_ = LOCAL.suspects, identity(raw)
        async with self._sessions.begin() as session:
            died = await session.scalar(
                select(table.c.attempts).where(table.c.queue == queue, table.c.message_id == id_)
            )
            if died is not None and died >= ATTEMPTS:
                return "park"
            if died is not None and not rested:
                return "rest"
            noted = insert(table).values(queue=queue, message_id=id_, attempts=1)
            await session.execute(
                noted.on_conflict_do_update(
                    index_elements=[table.c.queue, table.c.message_id],
                    set_={"attempts": table.c.attempts + 1, "at": func.now()},
                )
            )
        return "try"

    async def clear(self, session: AsyncSession, queue: str, raw: RabbitMessage) -> None:
        """Forget a suspect in the transaction that handled it."""
        table = LOCAL.suspects
        await session.execute(
            delete(table).where(table.c.queue == queue, table.c.message_id == identity(raw))
        )

    async def forget(self, queue: str, raw: RabbitMessage) -> None:
        """Forget a suspect that was parked, so that a replay begins anew."""
        try:
            async with self._sessions.begin() as session:
                await self.clear(session, queue, raw)
        except (SQLAlchemyError, OSError) as failure:
            # The row goes when it is old; until then a replay has fewer tries alone.
            log.info("suspect_kept", queue=queue, error=describe(failure))


def deliveries(raw: RabbitMessage) -> int:
    """How often a message was delivered before and came to nothing, as the broker counts."""
    headers = raw.raw_message.headers
    counts = (headers.get(name) for name in _COUNTS)
    return max((count for count in counts if isinstance(count, int)), default=0)


def suspected(raw: RabbitMessage) -> bool:
    """Tell whether a message has to be handled alone."""
    return deliveries(raw) >= SUSPECT


def identity(raw: RabbitMessage) -> UUID:
    """What a message is known by before it is read: its id, else a digest of what it holds."""
    told = raw.raw_message.message_id or ""
    try:
        return UUID(told)
    except ValueError:
        return UUID(bytes=hashlib.sha256(told.encode() + b"\0" + raw.body).digest()[:16])
