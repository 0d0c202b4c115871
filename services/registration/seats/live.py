"""Seat counts as they change: one look at the database for everybody who watches."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from services.registration.seats import overview
from shared.database import Sessions
from shared.observability import describe
from shared.problems import Problem

MOST_EVENTS = 200
_STILL_HERE = 15

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """How many may watch one process, how often it looks, and how long one stream lives."""

    watchers: int
    seconds: float
    stream_seconds: float


class SeatBoard:
    """Looks while somebody watches, and tells each what changed since they were told.

    A stream is a list of JSON objects by event: `{"<id>": {"free": 3, "waiting": 0}}`. It ends by
    itself after a while, so that a process can stop; browsers connect again.
    """

    def __init__(self, sessions: Sessions, limits: Limits) -> None:
        self._sessions = sessions
        self._limits = limits
        self._seats: dict[str, dict[str, int]] = {}
        self._watchers = 0
        self._changed = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None

    def admit(self) -> None:
        """Refuse one more watcher where there are too many.

        Raises:
            Problem: 503; the pages work without the stream.
        """
        if self._watchers >= self._limits.watchers:
            raise Problem(
                503, "too-many-watchers", "Too many watch.", headers={"Retry-After": "60"}
            )

    async def watch(self) -> AsyncIterator[str]:
        """Give the seats of all coming events, then what changes, as server-sent events."""
        self._watchers += 1
        if self._looking is None:
            # For all who watch, not for the request that happened to be the first.
            self._looking = asyncio.create_task(self._look(), context=Context())
        told: dict[str, dict[str, int]] = {}
        ends = time.monotonic() + self._limits.stream_seconds
        try:
            yield f"retry: {int(self._limits.seconds * 2_000)}\n\n"
            while time.monotonic() < ends:
                changed = self._changed
                new = {id_: each for id_, each in self._seats.items() if told.get(id_) != each}
                told.update(new)
                # A line that says nothing shows whether the browser is still there.
                yield f"data: {json.dumps(new)}\n\n" if new else ":\n\n"
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), _STILL_HERE)
        finally:
            self._watchers -= 1
            if self._watchers == 0 and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def _look(self) -> None:
        while True:
            try:
                async with self._sessions() as session:
                    events = await overview.list_coming(
                        session, datetime.now(UTC), None, MOST_EVENTS
                    )
                seats = {
                    str(each.id): {"free": each.free, "waiting": each.waitlisted} for each in events
                }
            except Exception as failure:
                # The next look may succeed; until then the pages show what was true.
                log.warning("seats_not_seen", error=describe(failure))
            else:
                if seats != self._seats:
                    self._seats = seats
                    self._changed.set()
                    self._changed = asyncio.Event()
            await asyncio.sleep(self._limits.seconds)
