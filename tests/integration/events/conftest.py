"""The events service alone on real servers, and who talks to it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import asyncpg
import httpx
import pytest
from aio_pika.abc import AbstractIncomingMessage

from deploy.bootstrap.accounts import Administrator, Passwords
from tests.system import System, unique_name, whole_system

Client = Callable[..., httpx.AsyncClient]


@pytest.fixture(scope="session")
def events(
    administrator: Administrator,
    passwords: Passwords,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    root: Path = tmp_path_factory.mktemp("events")
    name = unique_name("events")
    with whole_system(
        administrator, passwords, root, name, template=template, started=["events"]
    ) as system:
        yield system


@pytest.fixture(scope="session")
async def client(events: System) -> AsyncIterator[Client]:
    """Make a client with a token of these roles, without one for none."""
    yield lambda *roles: events.client("events", *roles)
    await events.close_clients()


@pytest.fixture(scope="session")
def organiser(client: Client) -> httpx.AsyncClient:
    return client("organiser")


@pytest.fixture(scope="session")
def anyone(client: Client) -> httpx.AsyncClient:
    return client()


class Told:
    """What reached a queue of another system, by subject in the order of arrival."""

    def __init__(self) -> None:
        self._messages: dict[str | None, list[AbstractIncomingMessage]] = defaultdict(list)
        self._news = asyncio.Condition()

    async def hear(self, message: AbstractIncomingMessage) -> None:
        """Take one message."""
        async with self._news:
            subject = message.headers["cloudEvents_subject"]
            self._messages[str(subject)].append(message)
            await message.ack()
            self._news.notify_all()

    async def of(self, subject: str, count: int) -> Sequence[AbstractIncomingMessage]:
        """Wait until a subject has that many messages, at most ten seconds."""
        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(lambda: len(self._messages[subject]) >= count)
        return self._messages[subject]


@pytest.fixture(scope="session")
async def told(events: System) -> AsyncIterator[Told]:
    """All that another system hears from this service."""
    ear = Told()
    async with events.broker() as channel:
        queue = await channel.declare_queue(
            "tests.events", durable=True, arguments={"x-queue-type": "quorum"}
        )
        await queue.bind("qayidis.public", "events.#")
        await queue.consume(ear.hear)
        yield ear


@pytest.fixture(scope="session")
async def database(events: System) -> AsyncIterator[asyncpg.Connection]:
    """The service's own role on its own schema."""
    async with events.database("events_app") as connection:
        yield connection
