"""What lies in the dead letter queues: looked at once for all who ask, and remembered a while."""

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shared.messaging.dead_letters.letters import DeadLetter, Letter, read_letter
from shared.messaging.dead_letters.passing import PassLimits, depth, open_channel, pass_along
from shared.messaging.dead_letters.turns import turn


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the queues are, and the database that lets one in at a time."""

    amqp_url: str
    database_url: str
    wait_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class Seen:
    """The dead letters of one queue; `depth` counts also those behind the most that are read."""

    letters: tuple[DeadLetter, ...]
    depth: int
    at: float


class Looker:
    """Looks into dead letter queues and gives everything back.

    All who ask at once wait for one look. It is remembered for `fresh_seconds`, and a changed depth
    is noticed at once.
    """

    def __init__(
        self, servers: Servers, limits: PassLimits, *, fresh_seconds: float = 10.0
    ) -> None:
        self._servers = servers
        self._limits = limits
        self._fresh_seconds = fresh_seconds
        self._seen: dict[str, Seen] = {}
        self._looks: dict[str, asyncio.Task[Seen]] = {}

    async def look(self, queues: Sequence[str], *, anew: bool = False) -> dict[str, Seen]:
        """Give what lies in each of these queues; `anew` asks for what is there right now.

        Raises:
            BusyError: somebody else reads one of them for too long.
            OSError, TimeoutError, AMQPError, PostgresError: a server is away.
        """
        if anew:
            for queue in queues:
                self._seen.pop(queue, None)
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
        self._seen[queue] = Seen(tuple(left), seen.depth - fewer, seen.at)

    async def _look_at(self, queue: str) -> Seen:
        running = self._looks.get(queue)
        if running is None:
            running = asyncio.create_task(self._look_now(queue))
            self._looks[queue] = running
            running.add_done_callback(lambda _: self._looks.pop(queue, None))
        # Whoever stops waiting does not end the look of the others.
        return await asyncio.shield(running)

    async def _look_now(self, queue: str) -> Seen:
        seen = self._seen.get(queue)
        async with open_channel(self._servers.amqp_url) as channel:
            now = await depth(channel, queue)
            if seen and now == seen.depth and time.monotonic() < seen.at + self._fresh_seconds:
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
        return Seen(tuple(letters), max(lying, len(letters)), time.monotonic())
