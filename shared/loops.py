"""Background loops: each runs for ever, and one that fails starts again, seen by readiness."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import structlog

from shared.metrics import LOOP_FAILURES
from shared.observability import describe, where

log = structlog.get_logger()

_WAIT_FIRST = 0.2
_WAIT_LAST = 2.0
_HEALTHY_AFTER = 30.0


class Loop:
    """One loop of a process, by name."""

    def __init__(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self._work = work
        self._failure: str | None = None
        LOOP_FAILURES.labels(name)  # there from the start, so that its first growth is seen

    async def run(self) -> None:
        """Do the work for ever; a failure is logged, waited for, and the work begun again."""
        wait = _WAIT_FIRST
        clock = asyncio.get_running_loop()
        while True:
            began = clock.time()
            try:
                await self._work()
            except (Exception, asyncio.CancelledError) as failure:
                # aiormq cancels who waits on a connection that went silent; the loop goes on.
                if _is_cancelled(failure):
                    raise
                LOOP_FAILURES.labels(self.name).inc()
                self._failure = describe(failure)
                log.error("loop_failed", loop=self.name, error=self._failure, where=where(failure))
            wait = _WAIT_FIRST if clock.time() - began > _HEALTHY_AFTER else wait
            await asyncio.sleep(wait)
            wait = min(wait * 2, _WAIT_LAST)
            self._failure = None

    async def check(self) -> str | None:
        """Readiness: the reason why the loop is not at work, None when it is."""
        return self._failure


def _is_cancelled(failure: BaseException) -> bool:
    """Whether this very task is asked to end, not just somebody whom it waited for."""
    task = asyncio.current_task()
    asked = task is not None and task.cancelling() > 0
    return asked and isinstance(failure, asyncio.CancelledError)


@asynccontextmanager
async def running(loops: Mapping[str, Loop]) -> AsyncIterator[None]:
    """Run loops while inside, and end them after."""
    tasks = [asyncio.create_task(loop.run(), name=name) for name, loop in loops.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
