"""The yardstick of writes: FastAPI and asyncpg alone, one process, the same statements.

It takes the same JSON, runs the recorded statements prepared in one transaction, and answers the
JSON again: no validation, no token, no sealing, no SQLAlchemy. Port, database and what was recorded
come pickled on standard input.
"""

import pickle
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import uvicorn
from fastapi import FastAPI

from tests.bench.statements import Recorded

POOL = 10
"""Connections, as many as the service has."""


def create_app(database_url: str, recorded: Sequence[Recorded]) -> FastAPI:
    """Make the bare endpoint; `POST /<number>` does what was recorded under that number."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(database_url, min_size=POOL, max_size=POOL) as pool:
            app.state.pool = pool
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/")
    async def ready() -> None:
        return None

    @app.post("/{number}", status_code=201)
    async def replay(number: int, body: dict[str, Any]) -> dict[str, Any]:
        async with app.state.pool.acquire() as connection, connection.transaction():
            for each in recorded[number].statements:
                if each.many:
                    await connection.executemany(each.sql, each.rows)
                else:
                    await connection.fetch(each.sql, *each.rows[0])
        return body

    return app


if __name__ == "__main__":
    port, url, kept = pickle.load(sys.stdin.buffer)
    uvicorn.run(
        create_app(url, kept),
        port=port,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
    )
