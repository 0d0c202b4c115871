"""The dead letters of one service: what the commands, the API and the console do to them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.database import Sessions
from shared.messaging.dead_letters.grouping import Group, Which, group, in_order
from shared.messaging.dead_letters.letters import DeadLetter, Letter
from shared.messaging.dead_letters.looking import Looker, Seen, Servers
from shared.messaging.dead_letters.masking import masked_headers, shown
from shared.messaging.dead_letters.moving import Moved, Mover, Refused, Say, Witness
from shared.messaging.dead_letters.passing import PassLimits
from shared.messaging.dead_letters.records import Record, list_records
from shared.messaging.dead_letters.replaying import Replayer
from shared.messaging.dead_letters.turns import BusyError
from shared.messaging.topology import Queue

MOST_AT_ONCE = 3
"""Replays, drops, openings and lists of records of one process at once.

Each may hold connections of the pool.
"""

_GONE = "there is no such dead letter any more"


@dataclass(frozen=True, slots=True)
class Overview:
    """The groups, how many dead letters there are, and how many of them were looked at.

    `seen_at` is when the first of the queues was looked at; None, where there is no queue.
    `outdated`: a new look is under way.
    """

    groups: list[Group]
    depth: int
    looked_at: int
    seen_at: datetime | None
    outdated: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """Dead letters, the oldest first; when they were seen, as in `Overview`."""

    letters: list[DeadLetter]
    seen_at: datetime | None
    outdated: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """One dead letter with its headers and message, masked unless that was asked for."""

    told: DeadLetter
    headers: Mapping[str, Any]
    text: str


class Office:
    """Looks at, replays and drops the dead letters of a service's queues.

    Every call raises what a server that is away raises (OSError, TimeoutError, AMQPError,
    PostgresError, SQLAlchemyError), and BusyError while somebody else is at the same queue.
    """

    def __init__(
        self,
        queues: Sequence[Queue],
        sessions: Sessions,
        servers: Servers,
        limits: PassLimits,
        *,
        fresh_seconds: float = 10.0,
        stale_seconds: float = 60.0,
        witness: Witness | None = None,
    ) -> None:
        self._queues = {queue.name: queue for queue in queues}
        self._sessions = sessions
        self._looker = Looker(
            servers, limits, fresh_seconds=fresh_seconds, stale_seconds=stale_seconds
        )
        self._mover = Mover(servers, sessions, limits, witness=witness)
        self._replayer = Replayer(self._mover, sessions)
        self._busy = 0

    @property
    def queues(self) -> list[str]:
        """The names of the live queues."""
        return list(self._queues)

    async def overview(self, which: Which) -> Overview:
        """Group what lies in the dead letter queues."""
        seen = await self._look(which)
        letters = _meant(seen, which)
        return Overview(
            group(letters),
            depth=sum(each.depth for each in seen.values()),
            looked_at=sum(len(each.letters) for each in seen.values()),
            seen_at=_seen_at(seen),
            outdated=_outdated(seen),
        )

    async def listing(self, which: Which) -> Listing:
        """List dead letters, the oldest first, and say when they were seen."""
        seen = await self._look(which)
        return Listing(in_order(_meant(seen, which)), _seen_at(seen), _outdated(seen))

    async def letters(self, which: Which) -> list[DeadLetter]:
        """List dead letters, the oldest first."""
        return (await self.listing(which)).letters

    async def show(self, ref: str, *, unmasked: bool = False) -> Opened | None:
        """Open one dead letter; that it is read unmasked is written down first."""
        async with self._one_of_few():
            letter = await self._find(ref)
        if letter is None:
            return None
        queue = self._queues[letter.told.queue]
        if unmasked:
            await self._mover.write_down([letter], "shown", None)
        contracts = {contract.type(): contract for contract in queue.contracts}
        headers = letter.message.headers
        return Opened(
            letter.told,
            {str(name): str(value) for name, value in headers.items()}
            if unmasked
            else masked_headers(headers),
            shown(letter.message.body, contracts, unmasked=unmasked),
        )

    async def replay(
        self, which: Which, *, most: int | None = None, say: Say | None = None
    ) -> Moved:
        """Put letters back on the queues they failed in; see `Replayer.replay`."""

        async def work(queue: Queue, of_it: Which, left: int | None, before: Moved) -> Moved:
            def say_all(moved: Moved) -> None:
                if say is not None:
                    say(_sum(before, moved))

            return await self._replayer.replay(queue, of_it, most=left, say=say_all)

        return await self._each_queue(which, most, work)

    async def drop(self, which: Which, reason: str, *, most: int | None = None) -> Moved:
        """Take letters away for a reason; see `Mover.drop`."""

        async def work(queue: Queue, of_it: Which, left: int | None, _: Moved) -> Moved:
            return await self._mover.drop(queue, of_it, reason, most=left)

        return await self._each_queue(which, most, work)

    async def records(
        self, limit: int, before: UUID | None = None, ref: str | None = None
    ) -> list[Record]:
        """List what left and why, and who read one unmasked; the newest first."""
        # A request that asks may hold a connection already.
        async with self._one_of_few(), self._sessions() as session:
            return await list_records(session, limit, before, ref)

    async def _each_queue(self, which: Which, most: int | None, work: "_Work") -> Moved:
        total = Moved()
        for name, of_it in (await self._by_queue(which)).items():
            left = None if most is None else most - len(total.gone)
            if left is not None and left <= 0:
                break
            queue = self._queues[name]
            async with self._one_of_few():
                moved = await work(queue, of_it, left, total)
            self._looker.forget(name, moved.gone)
            total = _sum(total, moved)
        if which.refs is not None:
            met = {*total.gone, *(each.ref for each in total.refused)}
            total.refused += [Refused(ref, "gone", _GONE) for ref in sorted(which.refs - met)]
        return total

    async def _by_queue(self, which: Which) -> dict[str, Which]:
        if which.refs is None:
            return {name: which for name in self._queues if which.queue in {None, name}}
        seen = await self._look(which)
        meant = {
            name: frozenset(each.ref for each in one.letters if which.holds(each))
            for name, one in seen.items()
        }
        return {name: Which(refs=refs) for name, refs in meant.items() if refs}

    @asynccontextmanager
    async def _one_of_few(self) -> AsyncIterator[None]:
        if self._busy >= MOST_AT_ONCE:
            raise BusyError(", ".join(self._queues))
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1

    async def _find(self, ref: str) -> Letter | None:
        for name, seen in (await self._look(Which(refs=frozenset([ref])))).items():
            if any(each.ref == ref for each in seen.letters):
                return await self._looker.find(name, ref)
        return None

    async def _look(self, which: Which) -> Mapping[str, Seen]:
        names = [name for name in self._queues if which.queue in {None, name}]
        seen = await self._looker.look(names)
        known = {each.ref for one in seen.values() for each in one.letters}
        if which.refs is not None and not which.refs <= known:
            # Somebody may have seen it where we remember what was there before.
            seen = await self._looker.look(names, anew=True)
        return seen


_Work = Callable[[Queue, Which, int | None, Moved], Awaitable[Moved]]
"""Does the work of one queue: its letters, how many at most, what was done in others before."""


def _meant(seen: Mapping[str, Seen], which: Which) -> list[DeadLetter]:
    return [each for one in seen.values() for each in one.letters if which.holds(each)]


def _seen_at(seen: Mapping[str, Seen]) -> datetime | None:
    return min((each.at for each in seen.values()), default=None)


def _outdated(seen: Mapping[str, Seen]) -> bool:
    return any(each.outdated for each in seen.values())


def _sum(first: Moved, second: Moved) -> Moved:
    return Moved([*first.gone, *second.gone], [*first.refused, *second.refused])
