"""An audit log of its own, to write, seal, tamper with and verify."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from services.registration.audit import handlers
from services.registration.audit.reading import Verified
from services.registration.audit.verifying import Held
from shared.database import Sessions


@dataclass(frozen=True)
class Log:
    """An audit log of its own: the service's sessions, and the URL of a superuser."""

    sessions: Sessions
    url: str

    async def write(self, count: int = 1, **details: str) -> None:
        for number in range(count):
            async with self.sessions.begin() as session:
                await handlers.record(session, "family.read", "family", None, n=number, **details)

    async def seal(self, limit: int = 1000) -> int:
        async with self.sessions.begin() as session:
            return await handlers.seal_waiting(session, limit)

    async def publish_head(self) -> None:
        async with self.sessions.begin() as session:
            await handlers.publish_head(session)

    @asynccontextmanager
    async def superuser(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(self.url)
        try:
            yield connection
        finally:
            await connection.close()

    async def tamper(self, *statements: str) -> None:
        """Do what only a superuser can, with the triggers off."""
        async with self.superuser() as database:
            await database.execute("SET session_replication_role = replica")
            for statement in statements:
                await database.execute(statement)

    async def faults(self, *held: Held) -> list[str]:
        async with self.superuser() as database:
            return [fault async for fault in Verified(database, held).faults()]

    async def head(self) -> Held:
        async with self.superuser() as database:
            query = "SELECT position, digest FROM registration.audit_seals ORDER BY 1 DESC LIMIT 1"
            return Held("kept head", *await database.fetchrow(query))
