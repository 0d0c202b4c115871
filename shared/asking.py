"""Asking many things at once within a time, whatever hangs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class Round(Generic[T]):
    """Asks everything that has a name; one round at a time, which all who ask meanwhile share.

    What does not answer within `seconds` counts as a `TimeoutError`, is not waited for, and is not
    asked again before it ended: something that hangs holds neither who asks nor ever more tasks.
    """

    def __init__(self, asked: Mapping[str, Callable[[], Awaitable[T]]], seconds: float) -> None:
        self._asked = asked
        self._seconds = seconds
        self._open: dict[str, asyncio.Task[T]] = {}
        self._round: asyncio.Task[dict[str, T | Exception]] | None = None

    async def ask(self) -> dict[str, T | Exception]:
        """Ask everything; by name what it answered, or the exception that it raised."""
        if self._round is None or self._round.done():
            self._round = asyncio.create_task(self._ask_all())
        # Who asks may leave; the others who share the round still want its answer.
        return await asyncio.shield(self._round)

    async def _ask_all(self) -> dict[str, T | Exception]:
        tasks: dict[str, asyncio.Task[T]] = {}
        for name, ask in self._asked.items():
            if name in self._open and not self._open[name].done():
                continue
            self._open[name] = tasks[name] = asyncio.ensure_future(_run(ask))
        if tasks:
            await asyncio.wait(tasks.values(), timeout=self._seconds)
        return {name: self._answer(tasks.get(name)) for name in self._asked}

    def _answer(self, task: "asyncio.Task[T] | None") -> T | Exception:
        if task is None:
            return TimeoutError("still without an answer to the question before")
        if not task.done():
            task.cancel()
            return TimeoutError(f"no answer within {self._seconds:g} s")
        if task.cancelled():
            return TimeoutError("cancelled")
        failure = task.exception()
        if failure is None:
            return task.result()
        return failure if isinstance(failure, Exception) else RuntimeError(str(failure))


async def _run(ask: Callable[[], Awaitable[T]]) -> T:
    return await ask()
