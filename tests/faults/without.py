"""Starts a service with one guard taken out, to see whether the judge notices.

    python -m tests.faults.without <guard> <service>

Nothing of this can be reached from a service: it changes the code of a process before it starts.
"""

import asyncio
import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch
from uuid import UUID

import aio_pika
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.deliveries import claims
from services.registration.calendar import queries as calendar
from shared.ids import new_id
from shared.messaging import inbox, outbox, relay
from shared.messaging.publishing import BROKER_AWAY, Publisher, to_amqp
from shared.tracing import current_cause

_COUNT = text("""
INSERT INTO outbox_sequences AS kept (type, last) VALUES (:type, 1)
ON CONFLICT (type) DO UPDATE SET last = kept.last + 1 RETURNING last
""")

_CLAIM = text("""
UPDATE notifications n SET status = 'sending', attempts = n.attempts + 1,
    lease_until = now() + make_interval(secs => :lease), subject = t.subject, text = t.text,
    parts = t.parts, templates_version = :templates_version
FROM unnest(CAST(:ids AS uuid[]), CAST(:subjects AS text[]), CAST(:texts AS text[]),
    CAST(:parts AS int[])) AS t(id, subject, text, parts)
WHERE n.id = t.id
""")

_TRY_AGAIN = text("""
UPDATE notifications SET status = 'pending', lease_until = NULL, due_at = now()
WHERE status = 'sending' AND lease_until < now()
""")


Patch = tuple[Any, str, Any]
"""A module or class, the name of what is replaced in it, and what takes its place."""


@dataclass(frozen=True, slots=True)
class _Row:
    """What `to_amqp` needs of a row."""

    id: UUID
    type: str
    exchange: str
    routing_key: str
    subject: str
    subject_version: int
    occurred_at: datetime
    correlation_id: str
    causation_id: str | None
    traceparent: str | None
    data: str
    sealed: None
    sequence: int


class _Straight:
    """Publishes at once, after the commit, and forgets what the broker did not take."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._url = os.environ[f"{service.upper()}_AMQP_URL"]
        self._channel: aio_pika.abc.AbstractChannel | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def tell(self, session: AsyncSession, *outgoing: outbox.Outgoing) -> None:
        rows = [await self._row(session, each) for each in outgoing]
        if rows:
            loop = asyncio.get_running_loop()

            def publish(_: Any) -> None:
                task = loop.create_task(self._publish(rows))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

            event.listen(session.sync_session, "after_commit", publish, once=True)

    async def _row(self, session: AsyncSession, outgoing: outbox.Outgoing) -> _Row:
        contract, cause = outgoing.contract, outgoing.cause or current_cause()
        return _Row(
            id=new_id(),
            type=contract.type(),
            exchange=contract.exchange,
            routing_key=contract.routing_key,
            subject=str(outgoing.subject),
            subject_version=outgoing.version,
            occurred_at=datetime.now(UTC),
            correlation_id=cause.correlation_id,
            causation_id=cause.causation_id,
            traceparent=cause.traceparent,
            data=contract.model_dump_json(),
            sealed=None,
            sequence=await session.scalar(_COUNT, {"type": contract.type()}) or 0,
        )

    async def _publish(self, rows: list[_Row]) -> None:
        try:
            if self._channel is None or self._channel.is_closed:
                connection = await aio_pika.connect(self._url, timeout=2)
                self._channel = await connection.channel()
            for row in rows:
                where = await self._channel.get_exchange(row.exchange, ensure=False)
                await where.publish(to_amqp(row, self._service), row.routing_key)  # type: ignore[arg-type]
        except BROKER_AWAY:
            self._channel = None


def _no_outbox(service: str) -> Sequence[Patch]:
    return [(outbox, "tell", _Straight(service).tell)]


def _no_inbox(_: str) -> Sequence[Patch]:
    async def claim(session: AsyncSession, queue: str, messages: Any) -> list[Any]:
        return list({message.envelope.id: message for message in messages}.values())

    return [(inbox, "claim", claim)]


def _no_seat_lock(_: str) -> Sequence[Patch]:
    return [(calendar, "lock_event", calendar.find_event)]


def _no_attempt_ledger(_: str) -> Sequence[Patch]:
    async def try_again(session: AsyncSession, limit: int) -> int:
        await session.execute(_TRY_AGAIN)
        return 0

    return [(claims, "_CLAIM", _CLAIM), (claims, "give_up_lost", try_again)]


def _no_advisory_lock(_: str) -> Sequence[Patch]:
    async def lead_at_once(*_: Any) -> None:
        pass

    return [(relay, "take_lead", lead_at_once)]


def _no_confirms(_: str) -> Sequence[Patch]:
    channel = aio_pika.Connection.channel

    def unconfirmed(self: Any, *_: Any, **__: Any) -> Any:
        return channel(self, publisher_confirms=False)

    return [(aio_pika.Connection, "channel", unconfirmed)]


def _no_mandatory(_: str) -> Sequence[Patch]:
    async def send_one(self: Publisher, row: Any) -> None:
        message = to_amqp(row, self._service, self._sealer)
        await self._exchanges[row.exchange].publish(message, row.routing_key, mandatory=False)

    return [(Publisher, "_send_one", send_one)]


GUARDS: Mapping[str, Callable[[str], Sequence[Patch]]] = {
    "outbox": _no_outbox,
    "inbox": _no_inbox,
    "seat lock": _no_seat_lock,
    "attempt ledger": _no_attempt_ledger,
    "relay's advisory lock": _no_advisory_lock,
    "publisher confirms": _no_confirms,
    "mandatory routing": _no_mandatory,
}
"""What is taken out, by the guard's name."""


@contextmanager
def taken_out(guard: str, service: str) -> Iterator[None]:
    """Take a guard out of this very process while inside."""
    with ExitStack() as changed:
        for target, name, replacement in GUARDS[guard](service):
            changed.enter_context(patch.object(target, name, replacement))
        yield


def main() -> None:
    """Take the guard out of the service, and run it."""
    guard, service = sys.argv[1:]
    with taken_out(guard, service):
        importlib.import_module(f"services.{service}.main").run()


if __name__ == "__main__":
    main()
