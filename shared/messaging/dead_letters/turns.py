"""One reader of a dead letter queue at a time, in all processes: two would see a part each."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

_LOOK_AGAIN_SECONDS = 0.1


class BusyError(Exception):
    """Somebody else is busy with the dead letters of that queue."""

    def __init__(self, queue: str) -> None:
        super().__init__(f"somebody else is busy with the dead letters of {queue}")
        self.queue = queue


@asynccontextmanager
async def turn(database_url: str, queue: str, wait_seconds: float) -> AsyncIterator[None]:
    """Be the only one who reads the dead letters of a queue while inside.

    A connection of its own holds the advisory lock, so that none of the service's pool waits with
    it; a process that dies gives it back.

    Raises:
        BusyError: somebody else still did after `wait_seconds`.
        OSError, TimeoutError, asyncpg.PostgresError: the database is away.
    """
    until = time.monotonic() + wait_seconds
    connection = await asyncpg.connect(
        database_url, timeout=10, server_settings={"application_name": "dead letters"}
    )
    try:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _number(queue)):
            if time.monotonic() > until:
                raise BusyError(queue)
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        yield
    finally:
        await connection.close(timeout=5)


def _number(queue: str) -> int:
    digest = hashlib.sha256(f"dead letters {queue}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
