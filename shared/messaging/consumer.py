"""Reading one queue: group what waits into one transaction, fall back to one by one, park.

A message is acknowledged after the commit that handled it, or after it was parked. When the
database or the broker is away it stays unacknowledged and is tried until they are back. What the
process may have died on is handled alone (`suspects`).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.rabbit import Channel, RabbitBroker, RabbitMessage, RabbitQueue

from shared.contracts.envelope import Message
from shared.database import Sessions
from shared.logs import detailed
from shared.messaging.dead_letters.parking import DeadLetters
from shared.messaging.in_hand import InHand, id_of
from shared.messaging.inbox import (
    Handlers,
    UnreadableMessageError,
    cause_of,
    cause_of_properties,
    handle,
    read,
)
from shared.messaging.processing import processing
from shared.messaging.publishing import BROKER_AWAY
from shared.messaging.suspects import (
    ATTEMPTS,
    REST_SECONDS,
    ProcessDiedError,
    Suspects,
    deliveries,
    suspected,
)
from shared.messaging.topology import Queue
from shared.messaging.transient import is_transient
from shared.messaging.watching import QueueWatch
from shared.metrics import INBOX_AGE, INBOX_HANDLED, INBOX_PARKED, INBOX_SECONDS, seconds_since
from shared.observability import describe, where
from shared.tracing import working_for

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ConsumerLimits:
    """How many messages at once, how often a failing one is tried; times in seconds."""

    prefetch: int = 400
    group: int = 200
    attempts: int = 5
    backoff_first: float = 0.2
    backoff_last: float = 5.0
    watch: float = 5.0
    starving: float = 10.0


@dataclass(frozen=True, slots=True)
class _Received:
    message: Message[Any]
    raw: RabbitMessage
    suspect: bool = False


@dataclass(frozen=True, slots=True)
class _Suspect:
    """Received, and not even read before its attempt is written down."""

    raw: RabbitMessage
    rested: bool = False


class Consumer:
    """Reads one queue of a service and calls its handlers."""

    def __init__(
        self,
        queue: Queue,
        handlers: Handlers,
        *,
        broker: RabbitBroker,
        sessions: Sessions,
        dead_letters: DeadLetters,
        suspects: Suspects,
        limits: ConsumerLimits,
    ) -> None:
        self.queue = queue
        self._handlers = handlers
        self._contracts = {contract.type(): contract for contract in handlers}
        self._sessions = sessions
        self._dead_letters = dead_letters
        self._suspects = suspects
        self._limits = limits
        self._waiting: asyncio.Queue[_Received | _Suspect] = asyncio.Queue()
        self._alone: set[asyncio.Task[None]] = set()
        self._in_hand = InHand(queue.name)
        for outcome in ("handled", "seen", "retried", "parked"):
            INBOX_HANDLED.labels(queue.name, outcome)  # there from the start, as 0
        for measured in (INBOX_SECONDS, INBOX_AGE):
            measured.labels(queue.name)  # the same, or the first message is not seen as growth
        subscriber = broker.subscriber(
            RabbitQueue(queue.name, declare=False, durable=True),
            channel=Channel(prefetch_count=limits.prefetch),
            ack_policy=AckPolicy.MANUAL,
            decoder=_undecoded,
            no_reply=True,
        )
        subscriber(self._receive)
        self.watch = QueueWatch(
            queue,
            broker=broker,
            subscriber=subscriber,
            in_hand=self._in_hand,
            room=limits.prefetch,
            every=limits.watch,
            starving=limits.starving,
        )

    async def _receive(self, raw: RabbitMessage) -> None:
        self._in_hand.take(raw)
        if suspected(raw):
            self._waiting.put_nowait(_Suspect(raw))
            return
        try:
            message = read(raw.body, self._contracts)
        except UnreadableMessageError as failure:
            with working_for(cause_of_properties(raw.correlation_id)):
                await self._park(raw, failure, attempts=1)
            return
        self._waiting.put_nowait(_Received(message, raw))

    async def run(self) -> None:
        """Handle what was received, for ever."""
        try:
            while True:
                await self._handle_in_order(await self._next_ones())
        finally:
            for task in self._alone:
                task.cancel()

    async def _next_ones(self) -> list[_Received | _Suspect]:
        waiting = [await self._waiting.get()]
        while len(waiting) < self._limits.group and not self._waiting.empty():
            waiting.append(self._waiting.get_nowait())
        return waiting

    async def _handle_in_order(self, waiting: Sequence[_Received | _Suspect]) -> None:
        group: list[_Received] = []
        for each in waiting:
            if isinstance(each, _Received):
                group.append(each)
                continue
            if group:
                await self._handle_group(group)
                group = []
            with working_for(cause_of_properties(each.raw.correlation_id)):
                await self._handle_suspect(each)
        if group:
            await self._handle_group(group)

    async def _handle_suspect(self, suspect: _Suspect) -> None:
        raw, failure = suspect.raw, None
        async with self._suspects.alone:
            try:
                then = await self._suspects.begin(self.queue.name, raw, rested=suspect.rested)
            except Exception as unwritten:
                log.info("suspect_waits", queue=self.queue.name, error=describe(unwritten))
                then = "rest"
            if then == "try":
                try:
                    message = read(raw.body, self._contracts)
                except UnreadableMessageError as unreadable:
                    failure = unreadable
                else:
                    with working_for(cause_of(message)):
                        await self._handle_again(_Received(message, raw, suspect=True))
        if then == "rest":
            again = _Suspect(raw, rested=True)
            asyncio.get_running_loop().call_later(REST_SECONDS, self._waiting.put_nowait, again)
        elif then == "park":
            await self._park(raw, ProcessDiedError(deliveries(raw)), ATTEMPTS)
        elif failure is not None:
            await self._park(raw, failure, attempts=1)

    async def _handle_group(self, group: Sequence[_Received]) -> None:
        try:
            await self._commit(group)
        except Exception as failure:
            log.info(
                "group_failed",
                queue=self.queue.name,
                size=len(group),
                correlation_ids=[each.message.envelope.correlationid for each in group],
                error=describe(failure),
            )
            for received in group:
                with working_for(cause_of(received.message)):
                    await self._handle_again(received)

    async def _handle_again(self, received: _Received) -> None:
        try:
            await self._commit([received])
        except Exception as failure:
            # The task works for the message too: it has a copy of the context.
            task = asyncio.create_task(self._handle_alone(received, failure))
            self._alone.add(task)
            task.add_done_callback(self._alone.discard)

    async def _handle_alone(self, received: _Received, failure: Exception) -> None:
        """Try one message to the end, beside the queue, so that those behind it go on."""
        attempts = 1
        wait = self._limits.backoff_first
        while attempts < self._limits.attempts or is_transient(failure):
            INBOX_HANDLED.labels(self.queue.name, "retried").inc()
            await asyncio.sleep(wait)
            wait = min(wait * 2, self._limits.backoff_last)
            attempts += 0 if is_transient(failure) else 1
            try:
                await self._commit([received])
            except Exception as again:
                failure = again
            else:
                return
        await self._park(received.raw, failure, attempts)

    async def _commit(self, group: Sequence[_Received]) -> None:
        with (
            INBOX_SECONDS.labels(self.queue.name).time(),
            processing(self.queue.name, [received.message for received in group]) as messages,
        ):
            async with self._sessions.begin() as session:
                fresh = await handle(session, self.queue.name, self._handlers, messages)
                for suspect in [each for each in group if each.suspect]:
                    await self._suspects.clear(session, self.queue.name, suspect.raw)
        INBOX_HANDLED.labels(self.queue.name, "handled").inc(fresh)
        INBOX_HANDLED.labels(self.queue.name, "seen").inc(len(group) - fresh)
        age = INBOX_AGE.labels(self.queue.name)
        for received in group:
            age.observe(seconds_since(received.message.envelope.time))
            if detailed():
                with working_for(cause_of(received.message)):
                    log.debug(
                        "message_handled", queue=self.queue.name, message_id=id_of(received.raw)
                    )
            await self._in_hand.acknowledge(received.raw)

    async def _park(self, raw: RabbitMessage, failure: Exception, attempts: int) -> None:
        reason = describe(failure)
        try:
            await self._dead_letters.park(self.queue, raw, failure, attempts)
        except BROKER_AWAY as unsent:
            # Unacknowledged: the broker gives it again, and its own delivery limit bounds that.
            log.warning("parking_failed", queue=self.queue.name, error=describe(unsent))
            await asyncio.sleep(self._limits.backoff_last)
            await self._in_hand.give_back(raw)
            return
        INBOX_HANDLED.labels(self.queue.name, "parked").inc()
        INBOX_PARKED.labels(self.queue.name, type(failure).__name__).inc()
        log.error(
            "message_parked",
            queue=self.queue.name,
            message_id=id_of(raw),
            attempts=attempts,
            reason=reason,
            where=where(failure),
        )
        await self._in_hand.acknowledge(raw)
        if suspected(raw):
            await self._suspects.forget(self.queue.name, raw)


async def _undecoded(message: StreamMessage[Any]) -> StreamMessage[Any]:
    # Decoding is ours: a body that cannot be decoded must be parked, not rejected and lost.
    return message
