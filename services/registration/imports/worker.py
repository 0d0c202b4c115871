"""The loops that work on imports in every replica: each import is one's at a time, by a lease."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from services.registration.imports import leases
from services.registration.imports.domain import Import, State, WorkLimits
from services.registration.imports.dry_run import DryRun
from services.registration.imports.writing import Writing
from shared.database import Sessions
from shared.ids import new_id
from shared.observability import describe, where
from shared.tracing import new_cause, working_for

log = structlog.get_logger()


class Worker:
    """Finds imports that wait for work and does it, one after the other."""

    def __init__(self, sessions: Sessions, limits: WorkLimits) -> None:
        self._sessions = sessions
        self._limits = limits
        self._lease = timedelta(seconds=limits.lease)
        self._owner = new_id()

    async def check(self) -> None:
        """Do the dry runs, for ever."""
        await self._work(["waiting", "checking"], self._dry_run)

    async def write(self) -> None:
        """Put committed families on the register, for ever."""
        await self._work(["committing"], self._write)

    async def forget(self) -> None:
        """Forget uploads that broke off, and the rows of lists that are long done, for ever."""
        quiet = timedelta(seconds=self._limits.upload)
        keep = timedelta(days=self._limits.keep_days)
        while True:
            async with self._sessions.begin() as session:
                await leases.forget(session, quiet, keep)
            await asyncio.sleep(min(60.0, self._limits.upload / 2))

    async def _dry_run(self, found: Import) -> None:
        run = DryRun(self._sessions, found, self._owner, self._limits.reading, self._lease)
        await run.run()

    async def _write(self, found: Import) -> None:
        writing = Writing(self._sessions, found, self._owner, self._limits.families, self._lease)
        await writing.run()

    async def _work(self, states: list[State], work: Callable[[Import], Awaitable[None]]) -> None:
        while True:
            found = await self._claim(states)
            if found is None:
                await asyncio.sleep(self._limits.poll)
                continue
            with working_for(new_cause(correlation_id=str(found.id))):
                await self._try(found, work)

    async def _try(self, found: Import, work: Callable[[Import], Awaitable[None]]) -> None:
        try:
            await work(found)
        except leases.LeaseLostError:
            log.info("import_let_go", id=str(found.id))
        except Exception as failure:
            # Noted on the import, where its people see it, and tried again with a bound.
            log.error(
                "import_failed", id=str(found.id), error=describe(failure), where=where(failure)
            )
            await self._let_go(found, describe(failure))

    async def _claim(self, states: list[State]) -> Import | None:
        async with self._sessions.begin() as session:
            return await leases.claim(
                session, states, self._owner, self._lease, self._limits.attempts
            )

    async def _let_go(self, found: Import, failure: str) -> None:
        async with self._sessions.begin() as session:
            await leases.let_go(session, found.id, self._owner, failure, self._limits.attempts)
