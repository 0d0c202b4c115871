"""The operator's page while a service is hung: it waits with few connections and not for ever."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from deploy.bootstrap.accounts import Administrator, Passwords
from deploy.local.ports import free_port
from shared.messaging.dead_letters.turns import turn
from tests.integration.registration.accounts import Accounts
from tests.integration.registration.test_page_frame import sign_in
from tests.support.dead_letters import park
from tests.support.injection import message
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System, unique_name, whole_system

AT_ONCE = 2
BUSY = "Others wait for this service already."
SLOW = "This service takes long to answer."
PAGE, QUEUE = "/dead-letters", "registration.events"


class Hung:
    """A service that lets everybody in, says a byte now and then, and never answers."""

    def __init__(self) -> None:
        self.asked = self.open = self.most = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked, self.open = self.asked + 1, self.open + 1
        self.most = max(self.most, self.open)
        hung_up = asyncio.ensure_future(reader.read())
        try:
            writer.write(b"HTTP/1.1 200 OK\r\n")
            while not hung_up.done():
                writer.write(b"x-still: here\r\n")
                await writer.drain()
                await asyncio.wait([hung_up], timeout=0.5)
        except ConnectionError:
            pass
        finally:
            self.open -= 1
            writer.close()
            await asyncio.gather(hung_up, return_exceptions=True)


@pytest.fixture(scope="module")
def port() -> int:
    return free_port(frozenset())


@pytest.fixture(scope="module")
def desk(
    administrator: Administrator,
    passwords: Passwords,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
    port: int,
) -> Iterator[System]:
    settings = {
        "REGISTRATION_CONSOLE_SERVICES": f"notifications=http://127.0.0.1:{port}",
        "REGISTRATION_CONSOLE_AT_ONCE": str(AT_ONCE),
        "REGISTRATION_CONSOLE_LOOK_SECONDS": "4",
    }
    root, name = tmp_path_factory.mktemp("console"), unique_name("console")
    with whole_system(
        administrator,
        passwords,
        root,
        name,
        template=template,
        settings=settings,
        started=["registration"],
    ) as system:
        yield system


@pytest.fixture
async def hung(port: int) -> AsyncIterator[Hung]:
    service = Hung()
    async with await asyncio.start_server(service.serve, "127.0.0.1", port):
        yield service


@pytest.fixture
async def operator(desk: System) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        Accounts.of(desk) as accounts,
        httpx.AsyncClient(
            base_url=desk.urls["registration"], trust_env=False, timeout=60
        ) as browser,
    ):
        await sign_in(browser, (await accounts.add("operator", "registrar")).staff.login)
        await browser.get("/language", params={"to": "en", "next": "/"})
        yield browser


async def test_pages_that_wait_for_a_hung_service_leave_the_desk_its_connections(
    operator: httpx.AsyncClient, hung: Hung
) -> None:
    loads = [asyncio.create_task(operator.get(PAGE)) for _ in range(10)]

    async def waiting() -> None:
        assert hung.open

    await eventually(waiting)
    assert (await operator.get("/", params={"q": "Quliyeva"})).status_code == 200
    assert (await operator.get("/health/ready")).status_code == 200
    pages = await asyncio.gather(*loads)
    assert {page.status_code for page in pages} == {200}
    assert hung.most <= AT_ONCE
    assert all(BUSY in page.text or SLOW in page.text for page in pages)
    assert any(BUSY in page.text for page in pages)
    assert any(SLOW in page.text for page in pages)


async def test_a_service_that_drips_is_not_waited_for_without_end(
    operator: httpx.AsyncClient, hung: Hung
) -> None:
    page = await operator.get(f"{PAGE}/notifications")
    assert hung.asked == 1
    assert page.status_code == 503
    assert "That service takes long to answer" in page.text


async def test_the_page_of_a_group_says_that_it_shows_an_old_look(
    operator: httpx.AsyncClient, desk: System
) -> None:
    await _park_one(desk)
    first = await operator.get(f"{PAGE}/registration")
    assert first.text.count(f'href="{PAGE}/registration/') == 1
    assert "They are being read again" not in first.text
    await _park_one(desk)
    async with turn(desk.database_url("registration_app"), QUEUE, 5.0):
        meanwhile = await operator.get(f"{PAGE}/registration")
    assert meanwhile.text.count(f'href="{PAGE}/registration/') == 1
    assert "They are being read again" in meanwhile.text


async def _park_one(system: System) -> None:
    story = Story()
    await park(system, [message(story.published(), story.event, 1)], QUEUE, exchange="x")
