"""The registration service alone on real servers; the other services are what it hears by queue."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from deploy.bootstrap.accounts import Administrator, Passwords
from tests.integration.registration.hearing import Told
from tests.system import System, whole_system


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
