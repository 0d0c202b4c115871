"""A system of its own, since other tests leave dead letters in the shared one."""

from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.bootstrap.accounts import Administrator, Passwords
from tests.support.dead_letters import purge
from tests.system import System, unique_name, whole_system


@pytest.fixture(scope="package")
def parked_system(
    administrator: Administrator,
    passwords: Passwords,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    """The system whose dead letters these tests look at."""
    root, name = tmp_path_factory.mktemp("dead"), unique_name("dead")
    # Tests empty the queues behind the services' back.
    names = ("REGISTRATION", "NOTIFICATIONS")
    settings = ("FRESH_SECONDS", "STALE_SECONDS")
    haste = {f"{name}_DEAD_LETTERS_{each}": "0.01" for name in names for each in settings}
    with whole_system(
        administrator, passwords, root, name, template=template, settings=haste
    ) as system:
        yield system


@pytest.fixture
async def dead(parked_system: System) -> AsyncIterator[System]:
    """That system, without any dead letter."""
    await purge(parked_system)
    yield parked_system
    await parked_system.close_clients()
