"""The relay: the only one that publishes what the outbox holds.

One is active in a service (a session's advisory lock), the others stand by. It is woken by
NOTIFY, with polling as the safety net; it stops at the first failure of a subject, never drops
and backs off. After a crash the next relay sends what has numbers but no confirm, the same bytes
again, so a subscriber's inbox knows them.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TypeAlias

import aio_pika
import asyncpg
import structlog
from aio_pika.exceptions import DeliveryError

from shared.database import Sessions
from shared.messaging.holds import Holds
from shared.messaging.lead import LEADING, Lead, lock_name, take_lead
from shared.messaging.numbering import Numbered, left_over, mark_published, number_waiting
from shared.messaging.outbox import wake_channel
from shared.messaging.publishing import BROKER_AWAY, Publisher, cause_of_row, waves
from shared.metrics import RELAY_FAILURES, RELAY_LAG, RELAY_PUBLISHED, seconds_since
from shared.sealing import Sealer
from shared.tracing import working_for

log = structlog.get_logger()

Database: TypeAlias = asyncpg.Connection


class BrokerRefusesError(Exception):
    """The broker refuses so much that the relay pauses as a whole."""


class PoisonedError(Exception):
    """The channel was closed by one message, whose subject is held back now."""


FAILURES = (
    *BROKER_AWAY,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    BrokerRefusesError,
)


@dataclass(frozen=True, slots=True)
class RelayLimits:
    """How much at once and how long to wait; seconds where not said otherwise."""

    batch: int = 500
    poll: float = 1.0
    confirm: float = 30.0
    backoff_first: float = 0.1
    backoff_last: float = 15.0
    reconnect_last: float = 2.0
    held_subjects: int = 1000
    hand_over: float = 10.0


class Relay:
    """Publishes the outbox of one service."""

    def __init__(
        self,
        service: str,
        *,
        database_url: str,
        amqp_url: str,
        limits: RelayLimits,
        sealer: Sealer | None = None,
    ) -> None:
        self._service = service
        self._sealer = sealer
        self._database_url = database_url
        self._amqp_url = amqp_url
        self._limits = limits
        self._wake = asyncio.Event()
        self._holds = Holds(limits.backoff_first, limits.backoff_last)
        self._look_back = True
        self._careful = False
        self._progressed = False
        self._confirmed: list[int] = []
        for counted in (RELAY_FAILURES, RELAY_PUBLISHED, RELAY_LAG):
            counted.labels(service)  # there from the start, as 0
        self._lead_state = Lead(
            service,
            hand_over=limits.hand_over,
            # The longest that a relay at work is silent: one statement, one wait for confirms.
            silence=2 * limits.confirm + limits.poll + limits.hand_over,
        )

    async def check(self, sessions: Sessions) -> str | None:
        """Readiness: why nobody publishes for this service; None when somebody does."""
        return await self._lead_state.check(sessions)

    async def run(self) -> None:
        """Relay for ever; every failure is logged, waited for and tried again."""
        wait = self._limits.backoff_first
        while True:
            began = time.monotonic()
            try:
                await self._lead()
            except PoisonedError:
                # Its subject waits by itself; all others go on at once, on a new channel.
                RELAY_FAILURES.labels(self._service).inc()
            except FAILURES as failure:
                self._lead_state.become(f"failing: {type(failure).__name__}")
                RELAY_FAILURES.labels(self._service).inc()
                if self._progressed or time.monotonic() - began > self._limits.backoff_last:
                    wait = self._limits.backoff_first
                self._progressed = False
                log.warning("relay_failed", error=type(failure).__name__, retry_in=wait)
                await asyncio.sleep(wait)
                # A server that is down costs one refused call to ask again; one that refuses what
                # it is sent is left alone for longer.
                refuses = isinstance(failure, BrokerRefusesError)
                longest = self._limits.backoff_last if refuses else self._limits.reconnect_last
                wait = min(wait * 2, longest)

    async def _lead(self) -> None:
        async with self._database() as database:
            await take_lead(database, self._lead_state, self._limits.poll)
            connection = await aio_pika.connect(
                self._amqp_url, client_properties={"connection_name": f"{self._service} relay"}
            )
            async with connection:
                channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
                publisher = Publisher(self._service, channel, self._sealer)
                await publisher.open()
                self._lead_state.become(LEADING)
                await self._publish_for_ever(database, publisher)

    @contextlib.asynccontextmanager
    async def _database(self) -> AsyncIterator[Database]:
        database = await asyncpg.connect(
            self._database_url,
            command_timeout=self._limits.confirm,
            server_settings={
                "application_name": lock_name(self._service),
                "timezone": "UTC",
                # The server lets go of the lock of a machine that vanished, within half a minute.
                "tcp_keepalives_idle": "10",
                "tcp_keepalives_interval": "5",
                "tcp_keepalives_count": "3",
            },
        )
        try:
            await database.add_listener(wake_channel(self._service), lambda *_: self._wake.set())
            database.add_termination_listener(lambda _: self._wake.set())
            yield database
        finally:
            database.terminate()

    async def _publish_for_ever(self, database: Database, publisher: Publisher) -> None:
        self._look_back = True
        rows: list[Numbered] = []
        while True:
            self._lead_state.alive()
            # While one batch is sent, the one before is marked and the next gets its numbers.
            confirmed, self._confirmed = self._confirmed, []
            settling = asyncio.create_task(self._settle(database, confirmed, ahead=bool(rows)))
            try:
                await self._publish(publisher, rows)
            except (*FAILURES, PoisonedError):
                await settling
                await mark_published(database, self._confirmed)
                raise
            rows = await settling
            if not rows and not self._confirmed:
                await self._sleep()

    async def _settle(
        self, database: Database, confirmed: list[int], *, ahead: bool
    ) -> list[Numbered]:
        """Mark what was confirmed and return what is next; `ahead` of a batch still being sent."""
        if confirmed:
            await mark_published(database, confirmed)
        limit = 1 if self._careful else self._limits.batch
        if self._look_back or self._holds.any_due():
            if ahead:
                return []
            self._holds.release_due()
            rows = await left_over(database, limit, self._holds.subjects())
            if rows:
                return rows
            self._look_back = self._careful = False
            self._wake.set()
        if not self._wake.is_set():
            return []
        self._wake.clear()
        rows = await number_waiting(database, limit)
        if len(rows) == limit:
            self._wake.set()
        return rows

    async def _publish(self, publisher: Publisher, rows: list[Numbered]) -> None:
        for wave in waves(rows):
            self._lead_state.alive()
            free = [row for row in wave if row.subject not in self._holds]
            outcomes = await publisher.send(free, self._limits.confirm)
            failed = [(row, why) for row, why in zip(free, outcomes, strict=True) if why]
            confirmed = [row for row, why in zip(free, outcomes, strict=True) if not why]
            self._confirmed += [row.entry for row in confirmed]
            self._progressed = self._progressed or bool(confirmed)
            self._holds.forget(row.subject for row in confirmed)
            self._measure(confirmed)
            for row, failure in failed:
                with working_for(cause_of_row(row)):
                    self._note_failure(row, failure, alone=len(free) == 1)

    def _measure(self, confirmed: list[Numbered]) -> None:
        RELAY_PUBLISHED.labels(self._service).inc(len(confirmed))
        lag = RELAY_LAG.labels(self._service)
        for row in confirmed:
            lag.observe(seconds_since(row.occurred_at))

    def _note_failure(self, row: Numbered, failure: Exception, *, alone: bool) -> None:
        broken = isinstance(failure, BROKER_AWAY) and not isinstance(failure, DeliveryError)
        if not broken or alone:
            self._careful = False
            seconds = self._holds.hold(row.subject)
            log.warning(
                "publish_refused",
                message_id=str(row.id),
                routing_key=row.routing_key,
                error=type(failure).__name__,
                retry_in=seconds,
            )
        if len(self._holds) > self._limits.held_subjects:
            raise BrokerRefusesError("too many subjects are refused for the fault to be theirs")
        if broken and alone:
            raise PoisonedError from failure
        if broken:
            # One message can close the channel for all: go on one by one, to find it.
            self._careful = True
            raise failure

    async def _sleep(self) -> None:
        seconds = min(self._limits.poll, self._holds.seconds_to_next())
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            self._wake.set()  # the safety net, should a notification have been lost
