"""Servers that write through to the disk and may be stopped, with a system of their own."""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.bootstrap.accounts import Passwords
from deploy.local.servers import Servers
from tests.support.servers import durable_servers
from tests.system import System, unique_name, whole_system


@pytest.fixture(scope="package")
def own_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A durable pair that no other test uses."""
    with durable_servers(tmp_path_factory.mktemp("durable")) as servers:
        yield servers


@pytest.fixture(scope="package")
def own_system(
    own_servers: Servers, passwords: Passwords, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """A running system on those servers."""
    root, name = tmp_path_factory.mktemp("faults"), unique_name("faults")
    # A provider that takes its time, so that whoever dies has calls under way.
    slow = {"HANDSET_ANSWER_SECONDS": "0.6"}
    # Our own client's tries to reach a broker that is down are no news here.
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)
    with whole_system(own_servers.administrator, passwords, root, name, settings=slow) as system:
        yield system


@pytest.fixture
async def broken_system(own_system: System) -> AsyncIterator[System]:
    """The system that the test is going to break; its clients are closed after."""
    yield own_system
    await own_system.close_clients()
