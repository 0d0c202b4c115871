"""What lies in the dead letter queues: looked at once for all who ask, and remembered a while."""

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import structlog

from shared.messaging.dead_letters.letters import DeadLetter, Letter, read_letter
from shared.messaging.dead_letters.passing import PassLimits, depth, open_channel, pass_along
from shared.messaging.dead_letters.turns import turn
from shared.observability import describe

log = structlog.get_logger()

_PATIENCE_SECONDS = 0.3
"""How long who asks waits for a new look where there is a last one: some hundred letters."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the queues are, and the database that lets one in at a time."""

    amqp_url: str
    database_url: str
    wait_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class Seen:
    """The dead letters of one queue; `depth` counts also those behind the most that are read.

    `outdated`: a new look is under way and takes its time.
    """

    letters: tuple[DeadLetter, ...]
    depth: int
    at: datetime
    outdated: bool = False
    _ended: float = field(default_factory=time.monotonic)

    @property
    def age(self) -> float:
        """Seconds since the look ended, whatever the wall clock did meanwhile."""
        return time.monotonic() - self._ended


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    task: asyncio.Task[Seen]
    anew: bool


class Looker:
    """Looks into dead letter queues and gives everything back.

    All who ask at once wait for one look. It is remembered for `fresh_seconds`, and a changed depth
    is noticed at once. A look that takes long, since the queue is long or somebody else is at it,
    goes on alone: whoever asked gets the last one, if that is not older than `stale_seconds`.
    """

    def __init__(
        self,
        servers: Servers,
        limits: PassLimits,
        *,
        fresh_seconds: float = 10.0,
        stale_seconds: float = 60.0,
    ) -> None:
        self._servers = servers
        self._limits = limits
        self._fresh_seconds = fresh_seconds
        self._stale_seconds = stale_seconds
        self._seen: dict[str, Seen] = {}
        self._looks: dict[str, _Look] = {}

    async def look(self, queues: Sequence[str], *, anew: bool = False) -> dict[str, Seen]:
        """Give what lies in each of these queues.

        `anew` asks for what lies there from now on: a look that began before does not do, nor one
        that is remembered.

        Raises:
            BusyError: somebody else reads one of them for too long.
            OSError, TimeoutError, AMQPError, PostgresError: a server is away.
        """
        if anew:
            return {queue: await self._look_anew(queue) for queue in queues}
        return {queue: await self._look_at(queue) for queue in queues}

    async def find(self, queue: str, ref: str) -> Letter | None:
        """Read one dead letter with its message; None where it is not any more."""
        async with (
            turn(self._servers.database_url, queue, self._servers.wait_seconds),
            open_channel(self._servers.amqp_url) as channel,
        ):
            async for piece in pass_along(channel, queue, self._limits):
                for message in piece:
                    told = read_letter(queue, message)
                    if told.ref == ref:
                        return Letter(told, message)
        return None

    def forget(self, queue: str, gone: Collection[str]) -> None:
        """Leave out letters that were taken out of a queue by this process."""
        seen = self._seen.get(queue)
        if seen is None or not gone:
            return
        counts = Counter(gone)
        left = []
        for letter in seen.letters:
            if counts[letter.ref] > 0:
                counts[letter.ref] -= 1
            else:
                left.append(letter)
        fewer = len(seen.letters) - len(left)
        self._seen[queue] = replace(seen, letters=tuple(left), depth=seen.depth - fewer)

    async def _look_at(self, queue: str) -> Seen:
        running = (self._looks.get(queue) or self._begin(queue)).task
        seen = self._seen.get(queue)
        if seen is not None and seen.age < self._stale_seconds:
            await asyncio.wait([running], timeout=_PATIENCE_SECONDS)
            if not running.done():
                return replace(self._seen.get(queue, seen), outdated=True)
        # Whoever stops waiting does not end the look of the others.
        return await asyncio.shield(running)

    async def _look_anew(self, queue: str) -> Seen:
        before = self._looks.get(queue)
        while (running := self._looks.get(queue)) is not None:
            if running.anew and running is not before:
                return await asyncio.shield(running.task)
            # How much it reads was fixed when it began.
            await asyncio.wait([running.task])
        return await asyncio.shield(self._begin(queue, anew=True).task)

    def _begin(self, queue: str, *, anew: bool = False) -> _Look:
        look = _Look(asyncio.create_task(self._look_now(queue, anew=anew)), anew)
        self._looks[queue] = look
        look.task.add_done_callback(lambda done: self._end(queue, done))
        return look

    def _end(self, queue: str, done: asyncio.Task[Seen]) -> None:
        del self._looks[queue]
        failure = None if done.cancelled() else done.exception()
        if failure is not None:
            log.info("dead_letters_not_seen", queue=queue, failure=describe(failure))

    async def _look_now(self, queue: str, *, anew: bool) -> Seen:
        async with open_channel(self._servers.amqp_url) as channel:
            now = await depth(channel, queue)
        # Counted first: what was taken out meanwhile is forgotten by then.
        seen = None if anew else self._seen.get(queue)
        if seen and now == seen.depth and seen.age < self._fresh_seconds:
            return seen
        async with turn(self._servers.database_url, queue, self._servers.wait_seconds):
            seen = await self._read(queue)
        self._seen[queue] = seen
        return seen

    async def _read(self, queue: str) -> Seen:
        letters: list[DeadLetter] = []
        async with open_channel(self._servers.amqp_url) as channel:
            lying = await depth(channel, queue)
            async for piece in pass_along(channel, queue, self._limits):
                letters += [read_letter(queue, message) for message in piece]
        return Seen(tuple(letters), max(lying, len(letters)), datetime.now(UTC))
