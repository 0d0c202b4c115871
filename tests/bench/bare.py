"""The yardstick of pages: FastAPI and asyncpg alone, the same SQL, answered as JSON.

`python -m tests.bench.bare PORT DATABASE_URL`
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import uvicorn
from fastapi import FastAPI

_SESSION = """
SELECT s.id, staff.* FROM staff_sessions s JOIN staff ON staff.id = s.staff_id
WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > now()
    AND staff.disabled_at IS NULL
"""
_EVENTS = """
SELECT id, status, title, venue, starts_at, ends_at, enrolment_closes_at, capacity,
    (SELECT coalesce(sum(seats), 0) FROM enrolments
        WHERE event_id = events.id AND status = 'confirmed') AS confirmed,
    (SELECT coalesce(sum(seats), 0) FROM enrolments
        WHERE event_id = events.id AND status = 'waitlisted') AS waitlisted
FROM events WHERE status = 'published' AND ends_at > now() - interval '12 hours'
ORDER BY starts_at, id LIMIT 31
"""


def create_app(database_url: str) -> FastAPI:
    """Make the bare endpoint."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(database_url, min_size=10, max_size=10) as pool:
            app.state.pool = pool
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/events")
    async def events() -> list[dict[str, Any]]:
        async with app.state.pool.acquire() as connection, connection.transaction():
            await connection.fetch(_SESSION, b"nobody")
            return [dict(row) for row in await connection.fetch(_EVENTS)]

    return app


if __name__ == "__main__":
    uvicorn.run(
        create_app(sys.argv[2]),
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
    )
