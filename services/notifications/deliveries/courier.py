"""The courier: claims what is due, hands it over outside any transaction, records the outcome."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from opentelemetry.trace import Span, StatusCode
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.channels.base import Accepted, Channel, Doubt, Outcome, Outgoing
from services.notifications.channels.sms_parts import count_parts
from services.notifications.contacts.sealed import open_address
from services.notifications.deliveries import claims
from services.notifications.deliveries.claims import Rendered
from services.notifications.deliveries.metrics import ATTEMPTS, PROVIDER_SECONDS
from services.notifications.deliveries.outcomes import Attempt, Patience, record
from services.notifications.deliveries.queries import utc_now
from services.notifications.deliveries.rendering import render_row
from services.notifications.deliveries.silencing import SILENCED
from services.notifications.deliveries.wake_up import WakeUp
from services.notifications.texts.rendering import TEMPLATES_VERSION
from shared.database import Sessions
from shared.observability import describe
from shared.sealing import Sealer, SealError, sealer_of
from shared.spans import CLIENT, span
from shared.tracing import Cause, current_cause, new_cause, working_for

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CourierLimits:
    """How many calls at once, and how long to wait (seconds)."""

    in_flight: int = 100
    lease: float = 120.0
    poll: float = 1.0
    last_calls: float = 10.0


class Courier:
    """Delivers what is due through the channels, for ever."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        channels: Mapping[str, Channel],
        wake_up: WakeUp,
        limits: CourierLimits,
        patience: Patience,
    ) -> None:
        self._sessions = sessions
        self._channels = channels
        self._wake_up = wake_up
        self._limits = limits
        self._patience = patience
        self._calls: set[asyncio.Task[None]] = set()
        self._done: asyncio.Queue[Attempt] = asyncio.Queue()

    async def deliver(self) -> None:
        """Claim and call, for ever; calls go on while the next are claimed."""
        while True:
            self._wake_up.clear()
            free = self._limits.in_flight - len(self._calls)
            claimed = await self._claim(free)
            for rendered in claimed:
                self._start(rendered)
            if len(self._calls) >= self._limits.in_flight:
                await self._until_half_free()
            elif not claimed:
                await self._wake_up.wait(self._limits.poll)

    async def record(self) -> None:
        """Record outcomes, for ever; those that came meanwhile go into one transaction.

        When the process is told to stop, the calls under way are waited for and recorded, so that
        an orderly stop leaves no doubt behind.
        """
        try:
            while True:
                attempts = [await self._done.get()]
                await self._record([*attempts, *self._finished()])
        finally:
            if self._calls:
                await asyncio.wait(self._calls, timeout=self._limits.last_calls)
            if attempts := self._finished():
                await self._record(attempts)

    async def give_up_lost(self) -> None:
        """Find what a process that died left behind, for ever."""
        while True:
            async with self._sessions.begin() as session:
                lost = await claims.give_up_lost(session, limit=1000)
            if lost:
                log.warning("deliveries_lost", count=lost)
            await asyncio.sleep(self._limits.poll)

    def _finished(self) -> list[Attempt]:
        attempts = []
        while not self._done.empty():
            attempts.append(self._done.get_nowait())
        return attempts

    async def _record(self, attempts: Sequence[Attempt]) -> None:
        try:
            async with self._sessions.begin() as session:
                await record(session, attempts, self._patience)
        except BaseException:
            # Known outcomes are not given up for a database that is away for a while.
            for attempt in attempts:
                self._done.put_nowait(attempt)
            raise

    async def _claim(self, limit: int) -> list[Rendered]:
        async with self._sessions.begin() as session:
            rows = await claims.due(session, limit)
            if not rows:
                return []
            silenced = {row.id for row in rows if not row.may_notify}
            await claims.give_up(session, sorted(silenced), "suppressed", SILENCED)
            late = {row.id for row in rows if _is_late(row)} - silenced
            await claims.give_up(session, sorted(late), "expired", "its moment has passed")
            rendered = []
            for row in rows:
                if row.id in late | silenced:
                    continue
                with working_for(_cause(row)):
                    text = await self._render(session, row)
                rendered += [text] if text else []
            await claims.claim(
                session,
                rendered,
                lease=self._limits.lease,
                templates_version=TEMPLATES_VERSION,
            )
        return rendered

    async def _render(self, session: AsyncSession, row: Any) -> Rendered | None:
        try:
            return _render(row, sealer_of(session))
        except SealError as failure:
            # Nothing is wrong with the notification: the operator brings the key back.
            wait = self._patience.backoff_last
            await claims.postpone(session, [row.id], wait, str(failure))
            log.error("address_sealed", id=str(row.id), error=str(failure))
        except Exception as failure:
            await claims.give_up(session, [row.id], "failed", describe(failure))
            log.error("not_rendered", id=str(row.id), error=describe(failure))
        return None

    def _start(self, rendered: Rendered) -> None:
        task = asyncio.create_task(self._hand_over(rendered))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _hand_over(self, rendered: Rendered) -> None:
        called: dict[str, str | int] = {
            "qayidis.notification.id": str(rendered.id),
            "qayidis.attempt": rendered.attempt,
        }
        with span(f"deliver {rendered.channel}", CLIENT, rendered.cause, called) as call:
            began = time.perf_counter()
            outcome = await self._outcome(rendered)
            seconds = time.perf_counter() - began
            _tell(call, outcome)
            log.debug(
                "notification_handed_over",
                id=str(rendered.id),
                channel=rendered.channel,
                attempt=rendered.attempt,
                outcome=type(outcome).__name__.lower(),
            )
        name = type(outcome).__name__.lower()
        PROVIDER_SECONDS.labels(rendered.channel, name).observe(seconds)
        ATTEMPTS.labels(rendered.channel, name).inc()
        self._done.put_nowait(Attempt(rendered.id, rendered.attempt, outcome))

    async def _outcome(self, rendered: Rendered) -> Outcome:
        outgoing = Outgoing(
            rendered.id,
            rendered.address,
            rendered.subject,
            rendered.text,
            current_cause().traceparent,
        )
        try:
            return await self._channels[rendered.channel].hand_over(outgoing)
        except Exception as failure:
            log.error(
                "channel_failed",
                channel=rendered.channel,
                id=str(rendered.id),
                error=describe(failure),
            )
            return Doubt(describe(failure))

    async def _until_half_free(self) -> None:
        # Claiming for every single free place would be a transaction a text.
        while len(self._calls) > self._limits.in_flight // 2:
            await asyncio.wait(self._calls, return_when=asyncio.FIRST_COMPLETED)


def _tell(call: Span, outcome: Outcome) -> None:
    name = type(outcome).__name__.lower()
    call.set_attribute("qayidis.outcome", name)
    if not isinstance(outcome, Accepted):
        call.set_attribute("error.type", name)
        call.set_status(StatusCode.ERROR)


def _is_late(row: Any) -> bool:
    until = claims.moment_passed(
        row.kind, row.enrolment_closes_at, row.starts_at, row.ends_at, row.answer_by
    )
    return until < utc_now()


def _render(row: Any, sealer: Sealer) -> Rendered:
    address = open_address(sealer, row.address_sealed)
    text = render_row(row)
    parts = count_parts(text.body).parts if row.channel == "sms" else None
    return Rendered(
        id=row.id,
        channel=row.channel,
        address=address,
        attempt=row.attempts + 1,
        subject=text.subject,
        text=text.body,
        parts=parts,
        cause=_cause(row),
    )


def _cause(row: Any) -> Cause:
    return new_cause(
        correlation_id=row.correlation_id,
        causation_id=row.causation_id,
        traceparent=row.traceparent,
    )
