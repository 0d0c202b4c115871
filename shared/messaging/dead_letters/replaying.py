"""Putting dead letters back on the one queue they failed in.

The record is committed, then the broker confirms, then the dead letter goes. After a crash in
between the letter still lies there; what was handled meanwhile is refused the next time.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractMessage
from aio_pika.exceptions import PublishError
from sqlalchemy import select

from shared.contracts.base import Contract
from shared.database import Sessions
from shared.messaging.dead_letters.grouping import Which
from shared.messaging.dead_letters.headers import PREFIX, REPLAYS, replays, without_failure
from shared.messaging.dead_letters.letters import Letter
from shared.messaging.dead_letters.moving import Done, Moved, Mover, Refused, Say
from shared.messaging.inbox import UnreadableMessageError, read
from shared.messaging.publishing import raise_unless_exception
from shared.messaging.tables import LOCAL
from shared.messaging.topology import Queue, replay_exchange

CONFIRM_SECONDS = 30.0

_HANDLED = "it was handled already; drop it"
_UNROUTABLE = "its queue is not bound to the service's replay exchange; run qayidis bootstrap"


class Replayer:
    """Replays dead letters of one service's queues."""

    def __init__(self, mover: Mover, sessions: Sessions) -> None:
        self._mover = mover
        self._sessions = sessions

    async def replay(
        self, queue: Queue, which: Which, *, most: int | None = None, say: Say | None = None
    ) -> Moved:
        """Put letters back on their one queue, under their own ids, their replays counted.

        What was handled already, or what the present code cannot read, is refused and stays;
        `most` counts those alone that left.
        Raises as `Mover.take`.
        """
        contracts = {contract.type(): contract for contract in queue.contracts}

        async def act(
            channel: AbstractChannel, letters: Sequence[Letter], room: int | None
        ) -> Done:
            ready, refused = await self._ready(queue, contracts, letters)
            ready = ready[:room]
            await self._mover.write_down(ready, "replayed", None)
            return await self._send(channel, queue, ready, refused)

        return await self._mover.take(queue, which, act, most=most, say=say)

    async def publish(self, channel: AbstractChannel, queue: Queue, letter: Letter) -> None:
        """Put one message back on its queue; returns when the broker has it."""
        exchange = await channel.get_exchange(replay_exchange(queue.service), ensure=False)
        await exchange.publish(
            as_sent(letter.message), queue.name, mandatory=True, timeout=CONFIRM_SECONDS
        )

    async def _ready(
        self,
        queue: Queue,
        contracts: Mapping[str, type[Contract]],
        letters: Sequence[Letter],
    ) -> tuple[list[Letter], list[Refused]]:
        readable: list[tuple[Letter, UUID]] = []
        refused = []
        for letter in letters:
            try:
                readable.append((letter, read(letter.message.body, contracts).envelope.id))
            except UnreadableMessageError as failure:
                why = f"the present code cannot read it: {failure}"
                refused.append(Refused(letter.told.ref, "unreadable", why))
        handled = await self._handled(queue.name, [id_ for _, id_ in readable])
        ready = [letter for letter, id_ in readable if id_ not in handled]
        refused += [
            Refused(letter.told.ref, "handled", _HANDLED)
            for letter, id_ in readable
            if id_ in handled
        ]
        return ready, refused

    async def _handled(self, queue: str, ids: Sequence[UUID]) -> set[UUID]:
        if not ids:
            return set()
        inbox = LOCAL.inbox
        statement = select(inbox.c.message_id).where(
            inbox.c.queue == queue, inbox.c.message_id.in_(ids)
        )
        async with self._sessions() as session:
            return set(await session.scalars(statement))

    async def _send(
        self,
        channel: AbstractChannel,
        queue: Queue,
        ready: Sequence[Letter],
        refused: list[Refused],
    ) -> Done:
        outcomes = await asyncio.gather(
            *(self.publish(channel, queue, each) for each in ready), return_exceptions=True
        )
        leaving: list[Letter] = []
        failure: Exception | None = None
        for letter, told in zip(ready, outcomes, strict=True):
            outcome = raise_unless_exception(told)
            if outcome is None:
                leaving.append(letter)
            elif isinstance(outcome, PublishError):
                refused.append(Refused(letter.told.ref, "unroutable", _UNROUTABLE))
            else:
                failure = outcome
        return Done(leaving, refused, failure)


def as_sent(message: AbstractMessage) -> aio_pika.Message:
    """Make the message that is put back: the same bytes, id and properties, its replays counted."""
    headers: dict[str, Any] = without_failure(message.headers)
    sender = message.headers.get(f"{PREFIX}app-id")
    return aio_pika.Message(
        message.body,
        headers={**headers, REPLAYS: replays(message.headers) + 1},
        content_type=message.content_type,
        content_encoding=message.content_encoding,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        priority=message.priority,
        correlation_id=message.correlation_id,
        message_id=message.message_id,
        timestamp=message.timestamp,
        type=message.type,
        # Parking speaks in its own name; who sent it stands in a header.
        app_id=str(sender) if sender else message.app_id,
    )
