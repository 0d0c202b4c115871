"""The relay: numbers without a gap whoever leads, and one bad row stops only its own subject."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import UUID, uuid4

import asyncpg
import pytest

from deploy.bootstrap.accounts import Administrator, Passwords
from shared.contracts.base import PUBLIC
from shared.ids import new_id
from tests.support import bodies
from tests.support.desk import answered
from tests.support.outside import Ear, outside_system, read
from tests.support.waiting import eventually
from tests.system import System, unique_name, whole_system


@pytest.fixture(scope="module")
def quiet_system(
    administrator: Administrator,
    passwords: Passwords,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    """A system where the events service runs alone, so nobody else fills its outbox."""
    root, name = tmp_path_factory.mktemp("relay"), unique_name("relay")
    with whole_system(
        administrator, passwords, root, name, template=template, started=["events"]
    ) as system:
        yield system


@pytest.fixture
async def ear(quiet_system: System) -> AsyncIterator[Ear]:
    """An outside system that hears of published events, and of the probes of these tests."""
    keys = ["events.event_published.v1", "events.probe.v1"]
    async with outside_system(quiet_system, f"relay-{uuid4().hex[:6]}", keys) as (_, ear):
        yield ear
    await quiet_system.close_clients()


@pytest.fixture
async def outbox(quiet_system: System) -> AsyncIterator[asyncpg.Connection]:
    """The service's own role, to put rows into its outbox by hand."""
    async with quiet_system.database("events_app") as database:
        yield database


async def publish_event(system: System, url: str) -> str:
    client = system.client("events", "organiser")
    draft = await answered(client.post(f"{url}/v1/events", json=bodies.event(bodies.place())))
    event = await answered(client.post(f"{url}/v1/events/{draft['id']}/publish"))
    return str(event["id"])


async def test_a_standby_takes_over_when_the_leader_dies_and_the_sequence_has_no_gap(
    quiet_system: System, ear: Ear
) -> None:
    system, first = quiet_system, quiet_system.urls["events"]
    with system.twin("events") as (twin, second):
        told = [await publish_event(system, url) for url in (first, second) for _ in range(10)]
        await heard(ear, told)

        # The first one started leads: it must die between numbering and publishing, or anywhere.
        publishing = asyncio.create_task(publish_many(system, second, 40))
        await asyncio.sleep(0.15)
        await system.kill9("events")
        told += await publishing
        await heard(ear, told)

        # The other way round: the old leader is back as the standby, and the new one dies.
        await system.restart("events")
        publishing = asyncio.create_task(publish_many(system, first, 40))
        await asyncio.sleep(0.15)
        await system.kill9(twin)
        told += await publishing
        await heard(ear, told)
    ear.check_gapless()


async def publish_many(system: System, url: str, count: int) -> list[str]:
    return list(await asyncio.gather(*(publish_event(system, url) for _ in range(count))))


async def test_a_row_that_no_queue_takes_stops_its_own_subject_alone(
    quiet_system: System, ear: Ear, outbox: asyncpg.Connection
) -> None:
    stuck, free = new_id(), new_id()
    key = f"events.probe_{uuid4().hex[:8]}.v1"
    await put(outbox, stuck, 1, key, expects_route=True)
    await put(outbox, stuck, 2, "events.probe.v1")
    await put(outbox, free, 1, "events.probe.v1")
    await heard(ear, [str(free)])
    await asyncio.sleep(0.5)
    assert await waiting(outbox, stuck) == 2

    async with quiet_system.broker() as channel:
        queue = await channel.declare_queue(key, exclusive=True)
        await queue.bind(PUBLIC, key)
        await heard(ear, [str(stuck)])
        first = await queue.get()
    assert read(first).get_extension("subjectversion") == 1
    ear.check_gapless()


@pytest.mark.parametrize(
    "key", ["registration.not_ours.v1", "events." + "x" * 300], ids=["refused", "too long"]
)
async def test_a_poisoned_row_that_closes_the_channel_stops_its_own_subject_alone(
    ear: Ear, outbox: asyncpg.Connection, key: str
) -> None:
    stuck, free = new_id(), [new_id() for _ in range(30)]
    async with outbox.transaction():
        for each in free[:15]:
            await put(outbox, each, 1, "events.probe.v1")
        await put(outbox, stuck, 1, key)
        for each in free[15:]:
            await put(outbox, each, 1, "events.probe.v1")
    await heard(ear, [str(each) for each in free])
    later = new_id()
    await put(outbox, later, 1, "events.probe.v1")
    await heard(ear, [str(later)])
    assert await waiting(outbox, stuck) == 1
    await outbox.execute("DELETE FROM outbox WHERE subject = $1", str(stuck))


async def put(
    outbox: asyncpg.Connection, subject: UUID, version: int, key: str, expects_route: bool = False
) -> None:
    """Put a row into the outbox, as a handler does."""
    await outbox.execute(
        "INSERT INTO outbox (id, type, exchange, routing_key, expects_route, subject, "
        "subject_version, correlation_id, data) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, 'by-hand', '{}')",
        *(new_id(), f"az.gov.idp.{key}", PUBLIC, key, expects_route, str(subject), version),
    )


async def heard(ear: Ear, subjects: list[str]) -> None:
    """Wait until a message about each of these was heard."""

    async def look() -> None:
        missing = set(subjects) - {event.get_subject() for event in ear.events()}
        assert not missing, missing

    await eventually(look, seconds=20)


async def waiting(outbox: asyncpg.Connection, subject: UUID) -> int:
    count: int = await outbox.fetchval(
        "SELECT count(*) FROM outbox WHERE subject = $1 AND published_at IS NULL", str(subject)
    )
    return count
