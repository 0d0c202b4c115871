"""One Chromium for all browser tests, on the shared system, with people who may see every page."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from services.registration.staff.domain import Account
from tests.browser.chromium import chromium, find_chromium
from tests.browser.seeds import Seeds, sow
from tests.integration.registration.accounts import Accounts
from tests.support.desk import Desk
from tests.system import System


@pytest.fixture(scope="session")
async def chrome() -> AsyncIterator[Browser]:
    """The distribution's Chromium."""
    if find_chromium() is None:
        pytest.skip("no Chromium here, and none could be installed: apt-get install chromium")
    async with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
async def accounts(system: System) -> AsyncIterator[Accounts]:
    """Makes accounts of the staff."""
    async with Accounts.of(system) as made:
        yield made


@pytest.fixture
async def registrar(accounts: Accounts) -> Account:
    """Somebody at the desk."""
    return await accounts.add("registrar")


@pytest.fixture(scope="session")
async def seeds(desk: Desk) -> Seeds:
    """Families and events to look at."""
    return await sow(desk)


@pytest.fixture(scope="session")
def url(system: System) -> str:
    """Where the pages are."""
    return system.urls["registration"]
