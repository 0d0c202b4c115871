"""One transaction on the staff's accounts, for the command line."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.bootstrap.addresses import postgres
from deploy.bootstrap.failure import DeployError
from deploy.cli.servers import DATABASE
from deploy.local.system import where
from services.registration.staff import means
from shared.actors import Actor, acting_as
from shared.database import create_engine, create_sessions
from shared.problems import Problem

T = TypeVar("T")

_ACTOR = Actor("qayidis staff", frozenset({"operator"}))


def run(work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Do something to the accounts, in one transaction, as the command line.

    Raises DeployError: what is wrong, or the database cannot be reached.
    """

    async def run_it() -> T:
        async with _session() as session:
            with acting_as(_ACTOR):
                return await work(session)

    try:
        return asyncio.run(run_it())
    except Problem as problem:
        said = [f"{each.field} {each.message}" for each in problem.errors]
        raise DeployError("; ".join(said) or problem.detail) from problem
    except (DBAPIError, OSError) as failure:
        raise DeployError(f"cannot use the database: {type(failure).__name__}") from failure


@asynccontextmanager
async def _session() -> AsyncIterator[AsyncSession]:
    engine = create_engine(_database_url(), service="qayidis staff", pool_size=1)
    sessions = create_sessions(engine, {means.KEY: means.Means()})
    try:
        async with sessions.begin() as session:
            yield session
    finally:
        await engine.dispose()


def _database_url() -> str:
    """The registration's own address, else the administrator's, else that of the local system."""
    own = os.environ.get("REGISTRATION_DATABASE_URL")
    if own:
        return own
    given = os.environ.get("QAYIDIS_POSTGRES_URL")
    if given:
        return replace(postgres(given), scheme="postgresql", path=DATABASE).url
    return where()["postgres"]
