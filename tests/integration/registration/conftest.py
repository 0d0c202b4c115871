"""The registration service alone on real servers; the other services are what it hears by queue."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from deploy.bootstrap.accounts import Administrator, Passwords
from deploy.bootstrap.addresses import postgres
from deploy.bootstrap.postgres import bootstrap_postgres
from deploy.local.environment import database_url
from shared.database import create_engine, create_sessions
from tests.integration.registration.auditing import Log
from tests.integration.registration.hearing import Told
from tests.system import System, unique_name, whole_system


@pytest.fixture(scope="session")
def alone(
    administrator: Administrator,
    passwords: Passwords,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    root: Path = tmp_path_factory.mktemp("registration")
    name = f"test_registration_{uuid4().hex[:8]}"
    with whole_system(
        administrator, passwords, root, name, template=template, started=["registration"]
    ) as system:
        yield system


@pytest.fixture(scope="session")
async def registrar(alone: System) -> AsyncIterator[httpx.AsyncClient]:
    yield alone.client("registration", "registrar")
    await alone.close_clients()


@pytest.fixture(scope="session")
async def told(alone: System) -> AsyncIterator[Told]:
    """All that other services and systems hear from registration."""
    async with alone.broker() as channel:
        ear = await Told.listen(channel)
        yield ear


@pytest.fixture
async def log(
    administrator: Administrator, passwords: Passwords, template: str, alone: System
) -> AsyncIterator[Log]:
    """An audit log of its own."""
    name = unique_name("audit")
    await bootstrap_postgres(administrator.postgres_url, passwords, name, template=template)
    around = replace(alone.around, database=name)
    url = database_url(around, "registration_app", passwords.registration.database)
    engine = create_engine(url, service="tests", pool_size=10)
    yield Log(
        create_sessions(engine),
        replace(postgres(administrator.postgres_url), scheme="postgresql", path=name).url,
    )
    await engine.dispose()
    server = await asyncpg.connect(administrator.postgres_url)
    await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await server.close()
