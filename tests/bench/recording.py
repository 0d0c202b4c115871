"""Recording the very statements with which the service answers a request.

So the yardstick runs the same SQL with the same values, whatever that SQL becomes: nobody copies
it by hand. Each request runs in this process, through the whole service, and is rolled back.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import structlog
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from deploy.cli.tokens import issue_token
from deploy.local.environment import service_environment
from services.registration.config import Settings
from services.registration.main import create_app
from shared.database import Sessions
from tests.bench.statements import Recorded, Statement
from tests.support.bodies import Body
from tests.system import System

_PREFIX = "REGISTRATION_"


async def record(system: System, path: str, bodies: Sequence[Body]) -> list[Recorded]:
    """Answer these POST requests and undo each, keeping what was sent to Postgres."""
    async with _undone_app(system) as (client, heard):
        recorded = []
        for body in bodies:
            heard.clear()
            answer = await client.post(path, json=body, headers=once())
            assert answer.status_code == 201, answer.text
            recorded.append(Recorded(body, tuple(heard)))
        return recorded


def once() -> dict[str, str]:
    """The header of a request that is done once, however often it is sent."""
    return {"Idempotency-Key": str(uuid4())}


@asynccontextmanager
async def _undone_app(system: System) -> AsyncIterator[tuple[httpx.AsyncClient, list[Statement]]]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    environment = service_environment("registration", system.around, port=1)
    values: dict[str, Any] = {
        key.removeprefix(_PREFIX).lower(): text for key, text in environment.items()
    }
    app = create_app(Settings(**values))
    sessions: Sessions = app.state.sessions
    engine: AsyncEngine = sessions.kw["bind"]
    heard: list[Statement] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def hear(_: Any, __: Any, sql: str, values: Any, ___: Any, many: bool) -> None:
        heard.append(Statement(sql, tuple(values) if many else (values,), many))

    app.state.sessions = _Undone(sessions)
    token = issue_token(["registrar"], keys_folder=system.around.keys_folder)
    try:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://recorded",
            headers={"Authorization": f"Bearer {token}"},
        ) as client:
            yield client, heard
    finally:
        await engine.dispose()


@dataclass
class _Undone:
    """A factory of sessions whose transactions never commit."""

    sessions: Sessions

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        async with self.sessions() as session:
            await session.begin()
            try:
                yield session
            finally:
                await session.rollback()
