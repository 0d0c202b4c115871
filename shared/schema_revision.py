"""Whether the database has the tables that this code was written for."""

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.migrations import revisions

log = structlog.get_logger()

_UNDEFINED_TABLE = "42P01"


class SchemaRevision:
    """Compares the revision of one service's Postgres schema with the newest one in the code."""

    def __init__(self, service: str, engine: AsyncEngine) -> None:
        self._service = service
        self._engine = engine
        # Newest first; read once, since the code of a process does not change.
        self._known = revisions(service)
        self._told: str | None = None

    async def check(self) -> str | None:
        """Readiness: the reason why this code must not work on that database, None when it may.

        A database behind the code lacks what the code reads, so the process is not ready. One
        ahead of it (a revision unknown here) is what the old processes of a rolling update meet:
        a migration must leave the version before it working, so they stay ready, and say it.
        """
        found = await self._found()
        newest = self._known[0]
        if found == newest:
            return None
        if found is None or found in self._known:
            has = found or "no tables"
            return f"migration behind: the database has {has}, this code needs {newest}"
        if found != self._told:
            self._told = found
            log.warning("database_ahead", database=found, code=newest)
        return None

    async def _found(self) -> str | None:
        statement = text(f"SELECT version_num FROM {self._service}.alembic_version")  # noqa: S608
        try:
            async with self._engine.connect() as connection:
                return (await connection.execute(statement)).scalar_one_or_none()
        except DBAPIError as failure:
            if getattr(failure.orig, "sqlstate", None) == _UNDEFINED_TABLE:
                return None
            raise
