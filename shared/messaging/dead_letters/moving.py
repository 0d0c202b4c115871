"""Taking dead letters out of their queue, always on record.

The order holds through any crash: first the record is committed, then done what is to be done, and
only then the dead letter is acknowledged. A crash in between leaves the letter where it is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Sessions
from shared.messaging.dead_letters.grouping import Which
from shared.messaging.dead_letters.letters import DeadLetter, Letter, read_letter
from shared.messaging.dead_letters.looking import Servers
from shared.messaging.dead_letters.passing import PassLimits, open_channel, pass_along
from shared.messaging.dead_letters.records import Action, record
from shared.messaging.dead_letters.turns import turn
from shared.messaging.topology import Queue

_SETTLE_SECONDS = 0.5

Why = Literal["gone", "handled", "unreadable", "unroutable"]

Witness = Callable[[AsyncSession, Sequence[Letter], Action, str | None], Awaitable[None]]
"""Writes an act down elsewhere too, in the transaction of its record."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A letter that stays, and why."""

    ref: str
    why: Why
    detail: str


@dataclass
class Moved:
    """What became of the letters that were meant: those that left, by reference, and the rest."""

    gone: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """How many were dealt with."""
        return len(self.gone) + len(self.refused)

    @property
    def is_pointless(self) -> bool:
        """Tell whether the rest would be refused as well: the queue itself is not bound."""
        return any(each.why == "unroutable" for each in self.refused)


Say = Callable[[Moved], None]


class Mover:
    """Replays and drops dead letters of one service's queues."""

    def __init__(
        self,
        servers: Servers,
        sessions: Sessions,
        limits: PassLimits,
        *,
        witness: Witness | None = None,
    ) -> None:
        self._servers = servers
        self._sessions = sessions
        self._limits = limits
        self._witness = witness

    async def drop(
        self, queue: Queue, which: Which, reason: str, *, most: int | None = None
    ) -> Moved:
        """Take letters away for a reason; they are kept with their record. Raises as `take`."""

        async def drop(_: AbstractChannel, letters: Sequence[Letter], room: int | None) -> Done:
            leaving = letters[:room]
            await self.write_down(leaving, "dropped", reason)
            return Done(leaving)

        return await self.take(queue, which, drop, most=most)

    async def write_down(
        self, letters: Sequence[Letter], action: Action, reason: str | None
    ) -> None:
        """Commit the record of an act."""
        if not letters:
            return
        async with self._sessions.begin() as session:
            await record(session, letters, action, reason)
            if self._witness is not None:
                await self._witness(session, letters, action, reason)

    async def acknowledge(self, message: AbstractIncomingMessage) -> None:
        """Let the dead letter go."""
        await message.ack()

    async def settle(self) -> None:
        """Keep the channel open a while behind its last acknowledgement."""
        # What a channel has not passed on to the quorum queue yet is forgotten when it closes
        # (RabbitMQ issue 10327): of 1,000 letters 32 were seen to lie there again.
        await asyncio.sleep(_SETTLE_SECONDS)

    async def take(
        self,
        queue: Queue,
        which: Which,
        act: "Act",
        *,
        most: int | None = None,
        say: Say | None = None,
    ) -> Moved:
        """Go through a queue once, act on the letters that are meant, let those go that may.

        It ends at the end of the queue, or when `most` have left: what is refused stays where it
        lies, before others, and must not use up the number. What fails again meanwhile is not met
        a second time.

        Raises:
            BusyError: somebody else reads that queue.
            OSError, TimeoutError, AMQPError, PostgresError: a server is away; the rest stays.
        """
        moved = Moved()
        async with (
            turn(self._servers.database_url, queue.name, self._servers.wait_seconds),
            open_channel(self._servers.amqp_url) as channel,
        ):
            choice = _Choice(queue.name, which, datetime.now(UTC))
            try:
                async for piece in pass_along(channel, queue.name, self._limits):
                    chosen = choice.among(piece)
                    if chosen:
                        room = None if most is None else most - len(moved.gone)
                        done = await act(channel, [letter for letter, _ in chosen], room)
                        await self._let_go(chosen, done, moved)
                        if say is not None:
                            say(moved)
                    if choice.is_over or moved.is_pointless or len(moved.gone) == most:
                        break
            finally:
                if moved.gone:
                    await self.settle()
        return moved

    async def _let_go(self, chosen: "_Chosen", done: "Done", moved: Moved) -> None:
        moved.refused += done.refused
        messages = {id(letter): message for letter, message in chosen}
        for letter in done.leaving:
            await self.acknowledge(messages[id(letter)])
            moved.gone.append(letter.told.ref)
        if done.failure is not None:
            raise done.failure


@dataclass(frozen=True, slots=True)
class Done:
    """Which letters may leave and which stay; `failure` ends the whole after those have left."""

    leaving: Sequence[Letter]
    refused: Sequence[Refused] = ()
    failure: Exception | None = None


Act = Callable[[AbstractChannel, Sequence[Letter], int | None], Awaitable[Done]]
"""Does what is to be done to letters, over a channel with confirms; lets at most so many leave."""

_Chosen = Sequence[tuple[Letter, AbstractIncomingMessage]]


class _Choice:
    """Chooses the letters that are meant."""

    def __init__(self, queue: str, which: Which, began: datetime) -> None:
        self._queue = queue
        self._which = which
        self._began = began
        self._met: set[str] = set()

    @property
    def is_over(self) -> bool:
        """Tell whether all that were named have been met."""
        return self._which.refs is not None and len(self._met) >= len(self._which.refs)

    def among(self, piece: Sequence[AbstractIncomingMessage]) -> _Chosen:
        """Choose among some messages."""
        chosen = []
        for message in piece:
            told = read_letter(self._queue, message)
            if self._means(told):
                self._met.add(told.ref)
                chosen.append((Letter(told, message), message))
        return chosen

    def _means(self, told: DeadLetter) -> bool:
        if not self._which.holds(told):
            return False
        if self._which.refs is not None:
            # Of letters that are alike in everything, a reference means one.
            return told.ref not in self._met
        return told.failed_at is None or told.failed_at <= self._began
