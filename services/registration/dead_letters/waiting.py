"""How many of the operator's pages may wait for a service at once, and how long."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from shared.problems import Problem


@dataclass(frozen=True, slots=True)
class Patience:
    """Pages that wait for one service at once; seconds of one look, and of anything else.

    A page holds a connection of this service's pool while it waits.
    """

    at_once: int
    look_seconds: float
    seconds: float


class Waiting:
    """Lets few pages wait for a service at once: more would take the desk's connections away."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self._waiting: Counter[str] = Counter()

    @asynccontextmanager
    async def one_of_few(self, name: str, *, looking: bool) -> AsyncIterator[None]:
        """Be one of those who wait for a service; who only looks is not patient.

        Raises:
            Problem: 503 `service-busy`, enough pages wait for it; `service-slow`, it took too long.
        """
        if self._waiting[name] >= self.patience.at_once:
            detail = "Others wait for that service already. Try again in a moment."
            raise Problem(503, "service-busy", detail, headers={"Retry-After": "5"})
        self._waiting[name] += 1
        try:
            async with asyncio.timeout(self.patience.look_seconds if looking else None):
                yield
        except TimeoutError as late:
            raise slow() from late
        finally:
            self._waiting[name] -= 1


def slow() -> Problem:
    """The answer where a service took too long; what it was asked may go on there."""
    detail = "That service takes long to answer. Try again in a moment."
    return Problem(503, "service-slow", detail, headers={"Retry-After": "5"})
