"""The servers and the system that tests share, and what a failure shows of them."""

import time
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest

from deploy.bootstrap.accounts import Administrator, Passwords
from deploy.local.secrets import private_secrets
from tests import system as systems
from tests.support import servers
from tests.support.desk import Desk
from tests.support.failures import logs_since
from tests.system import System, make_template, unique_name, whole_system


def pytest_report_header() -> str:
    """Say which servers the tests run on."""
    return f"Postgres and RabbitMQ: {servers.kind()}"


@pytest.fixture(scope="session")
def administrator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Administrator]:
    """The administrator of the servers that all ordinary tests share."""
    with servers.session_servers(tmp_path_factory.mktemp("servers")) as admin:
        yield admin


@pytest.fixture(scope="session")
def passwords(tmp_path_factory: pytest.TempPathFactory) -> Passwords:
    """The services' passwords: roles and users are the servers' own, so all systems share them."""
    return private_secrets(tmp_path_factory.mktemp("secrets")).passwords


@pytest.fixture(scope="session")
def template(
    administrator: Administrator, passwords: Passwords, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The name of a migrated database to copy."""
    name = unique_name("template")
    make_template(administrator, passwords, name, tmp_path_factory.mktemp("keys"))
    return name


@pytest.fixture(scope="session")
def shared_system(
    administrator: Administrator,
    passwords: Passwords,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    """The running system of all ordinary tests, started when the first one asks."""
    root: Path = tmp_path_factory.mktemp("system")
    name = unique_name("shared")
    with whole_system(administrator, passwords, root, name, template=template) as system:
        yield system


@pytest.fixture(scope="session")
async def system(shared_system: System) -> AsyncIterator[System]:
    """The shared system; tests bring families and events of their own and reset nothing."""
    yield shared_system
    await shared_system.close_clients()


@pytest.fixture(scope="session")
def desk(system: System) -> Desk:
    """What staff can do, on the shared system."""
    return Desk(system)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what the processes wrote during the test."""
    report = yield
    if report.failed:
        since = time.time() - call.duration - 1
        for each in systems.running:
            report.sections.extend(logs_since(each.processes, systems.NAMES, since))
    return report
