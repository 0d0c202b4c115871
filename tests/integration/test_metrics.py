"""What is measured is what happened, and a scrape answers whatever is away."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from deploy.bootstrap.accounts import Administrator, Passwords
from services.notifications.subscribers import CONTACTS
from shared.contracts.base import INTERNAL
from shared.database import create_engine, create_sessions
from shared.ids import new_id
from shared.messaging.topology import declare_topology
from shared.metrics import when_committed
from tests.support import bodies
from tests.support.desk import Desk
from tests.support.injection import inject, inject_raw, message
from tests.support.metrics import Scrape, scrape
from tests.support.proxy import Proxy, proxied
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System, unique_name, whole_system


async def grown(
    system: System, service: str, before: Scrape, name: str, by: float, **labels: str
) -> None:
    """Wait until a counter has grown by that much, or more: other tests count as well."""

    async def look() -> None:
        now = await scrape(system, service)
        assert (now.value(name, **labels) or 0) - (before.value(name, **labels) or 0) >= by

    await eventually(look)


async def test_an_enrolment_is_counted_by_what_came_of_it(desk: Desk) -> None:
    system, name = desk.system, "qayidis_enrolments_total"
    before = await scrape(system, "registration")
    at = bodies.place()
    event = await desk.publish(bodies.event(at, capacity=2))
    seated, waiting = [await desk.register(bodies.household(at, 2)) for _ in range(2)]
    enrolment = await desk.enrol(event["id"], seated)
    await desk.enrol(event["id"], waiting)
    again = {"event_id": event["id"], "family_id": seated["id"]}
    assert (await desk.registration.post("/v1/enrolments", json=again)).status_code == 409
    await desk.give_up(enrolment)

    for outcome in ("confirmed", "waitlisted", "cancelled", "promoted"):
        await grown(system, "registration", before, name, 1, outcome=outcome)
    refused = {"outcome": "refused", "reason": "already-enrolled"}
    await grown(system, "registration", before, name, 1, **refused)


async def test_a_text_is_counted_from_the_outbox_to_the_receipt(desk: Desk) -> None:
    system = desk.system
    before = {name: await scrape(system, name) for name in ("registration", "notifications")}
    at = bodies.place()
    event = await desk.publish(bodies.event(at))
    good, bad = bodies.household(at, 1), bodies.household(at, 1)
    await desk.switch(bad["members"][0]["phone"], "fail")
    for body in (good, bad):
        await desk.enrol(event["id"], await desk.register(body))

    told, seen = before["registration"], before["notifications"]
    await grown(system, "registration", told, "qayidis_relay_lag_seconds_count", 4)
    queue = {"queue": "notifications.enrolments"}
    for name in ("handling_duration", "message_age"):
        await grown(
            system, "notifications", seen, f"qayidis_inbox_{name}_seconds_count", 1, **queue
        )
    for outcome in ("accepted", "refused"):
        name = "qayidis_provider_call_duration_seconds_count"
        await grown(system, "notifications", seen, name, 1, channel="sms", outcome=outcome)
    for status in ("delivered", "failed"):
        name = "qayidis_notifications_settled_total"
        await grown(system, "notifications", seen, name, 1, status=status)


async def test_a_dead_letter_is_counted_by_its_exception_and_stands_in_its_queue(
    desk: Desk,
) -> None:
    system = desk.system
    before = await scrape(system, "notifications")
    body = f"no message {new_id()}".encode()
    await inject_raw(system, body, INTERNAL, "registration.contact_changed.v1", "registration")
    why = {"queue": CONTACTS.name, "exception": "UnreadableMessageError"}
    name = "qayidis_inbox_parked_messages_total"
    await grown(system, "notifications", before, name, 1, **why)
    await grown(system, "notifications", before, "qayidis_queue_messages", 1, queue=CONTACTS.dead)


async def test_a_process_tells_who_it_is_and_how_it_is(desk: Desk) -> None:
    for service in ("registration", "events", "notifications"):
        seen = await scrape(desk.system, service)
        assert seen.value("qayidis_build_info", service=service) == 1
        assert seen.value("qayidis_ready", service=service, check="database") == 1
        assert seen.value("qayidis_ready", service=service, check="relay") == 1
        assert seen.value("qayidis_relay_leading", service=service) == 1
        assert seen.value("qayidis_database_pool_connections_max") == 10
        assert (seen.value("qayidis_database_pool_wait_seconds_count") or 0) > 0
        assert seen.value("qayidis_database_pool_connections_used") is not None
        assert seen.value("qayidis_scrape_failures_total", part="outbox") == 0
        assert seen.value("process_resident_memory_bytes")
        assert seen.value("python_info")


async def test_what_is_rolled_back_is_not_counted(system: System) -> None:
    engine = create_engine(system.database_url("events_app"), service="counted", pool_size=1)
    sessions, counted = create_sessions(engine), []
    async with sessions() as session:
        await session.execute(text("SELECT 1"))
        when_committed(session, lambda: counted.append("rolled back"))
        await session.rollback()
    async with sessions.begin() as session:
        await session.execute(text("SELECT 1"))
        when_committed(session, lambda: counted.append("committed"))
        assert counted == []
    assert counted == ["committed"]
    async with sessions() as session:
        await session.execute(text("SELECT 1"))
        when_committed(session, lambda: counted.append("rolled back, and used again"))
        await session.rollback()
        await session.execute(text("SELECT 1"))
        await session.commit()
    assert counted == ["committed"]
    await engine.dispose()


async def test_a_savepoint_is_no_commit(system: System) -> None:
    engine = create_engine(system.database_url("events_app"), service="counted", pool_size=1)
    sessions, counted = create_sessions(engine), []
    async with sessions.begin() as session:
        async with session.begin_nested():
            when_committed(session, lambda: counted.append("released"))
        async with session.begin_nested() as undone:
            when_committed(session, lambda: counted.append("undone"))
            await undone.rollback()
        assert counted == []
    assert counted == ["released"]
    async with sessions() as session:
        async with session.begin_nested():
            when_committed(session, lambda: counted.append("released, then rolled back"))
        await session.rollback()
    assert counted == ["released"]
    await engine.dispose()


async def test_waiting_for_a_connection_is_measured(system: System) -> None:
    name = unique_name("pool")
    engine = create_engine(system.database_url("events_app"), service=name, pool_size=1)
    labels = {"service": name}

    def measured(what: str) -> float:
        return REGISTRY.get_sample_value(f"qayidis_database_pool_{what}", labels) or 0

    async def one_more() -> None:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async with engine.connect():
        assert measured("connections_used") == measured("connections_max") == 1
        waited = measured("wait_seconds_sum")
        waiting = asyncio.create_task(one_more())
        await asyncio.sleep(0.5)
    await waiting
    assert measured("wait_seconds_sum") - waited >= 0.4
    assert measured("connections_used") == 0
    await engine.dispose()


@pytest.fixture(scope="module")
def stopped_system(
    administrator: Administrator,
    passwords: Passwords,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    """A system of which nothing runs yet."""
    root, name = tmp_path_factory.mktemp("wired"), unique_name("wired")
    with whole_system(
        administrator, passwords, root, name, template=template, started=[]
    ) as system:
        yield system


@pytest.fixture
async def wired(stopped_system: System) -> AsyncIterator[tuple[System, Proxy, Proxy]]:
    """The notifications service alone, with a wire to the database and one to the broker."""
    system = stopped_system
    async with (
        proxied(system.database_url("notifications_app")) as (database, database_url),
        proxied(system.broker_url("notifications")) as (broker, broker_url),
    ):
        urls = {
            "NOTIFICATIONS_DATABASE_URL": database_url,
            "NOTIFICATIONS_AMQP_URL": broker_url,
            "NOTIFICATIONS_QUEUE_WATCH_SECONDS": "0.3",
            "NOTIFICATIONS_QUEUE_STARVING_SECONDS": "0.5",
            "NOTIFICATIONS_READY_SECONDS": "1",
        }
        system.settings = {**system.settings, **urls}
        await asyncio.to_thread(system.start, ["notifications"])
        yield system, database, broker
        await system.close_clients()
        await system.stop("notifications")


async def test_a_message_that_waits_in_a_handlers_hands_is_as_old_as_what_it_tells(
    wired: tuple[System, Proxy, Proxy],
) -> None:
    system, story = wired[0], Story()
    made = message(story.contact(), story.person, 1)
    made.timestamp = datetime.now(UTC) - timedelta(hours=1)

    async def waits() -> None:
        seen = await scrape(system, "notifications")
        assert seen.value("qayidis_queue_messages", queue=CONTACTS.name) == 1
        age = seen.value("qayidis_queue_oldest_age_seconds", queue=CONTACTS.name)
        assert age is not None
        assert 3600 <= age < 3900

    async def none_waits() -> None:
        seen = await scrape(system, "notifications")
        for name in ("messages", "oldest_age_seconds"):
            assert seen.value(f"qayidis_queue_{name}", queue=CONTACTS.name) == 0

    async with system.database() as blocker:
        transaction = blocker.transaction()
        await transaction.start()
        await blocker.execute("LOCK TABLE notifications.contacts")
        await inject(system, (story.contact(), made))
        await eventually(waits)
        await transaction.rollback()
    await eventually(none_waits)


async def test_a_queue_that_is_missing_is_told_as_not_read_until_it_is_there_again(
    wired: tuple[System, Proxy, Proxy],
) -> None:
    system = wired[0]
    await eventually(lambda: queue_told(system, 1))
    async with system.broker() as channel:
        await channel.queue_delete(CONTACTS.name)
    await eventually(lambda: queue_told(system, 0))
    await declare_topology(system.broker_url(), [CONTACTS])
    await eventually(lambda: queue_told(system, 1))


async def queue_told(system: System, value: int) -> None:
    """Whether the contacts' queue is read, and was seen."""
    seen = await scrape(system, "notifications")
    part = f"queue {CONTACTS.name}"
    assert seen.value("qayidis_consumer_reading", queue=CONTACTS.name) == value
    assert seen.value("qayidis_scrape_success", part=part) == value
    assert seen.value("qayidis_queue_messages", queue=CONTACTS.name) == 0, "the last value"


@pytest.mark.parametrize("end", [Proxy.cut, Proxy.freeze], ids=["refuses", "hangs"])
async def test_a_scrape_answers_in_time_without_database_and_broker_and_says_so(
    wired: tuple[System, Proxy, Proxy], end: Callable[[Proxy], None]
) -> None:
    system, database, broker = wired
    before = await scrape(system, "notifications")
    end(database)
    end(broker)
    for _ in range(3):
        seen = await scrape(system, "notifications", seconds=5)
    assert seen.value("qayidis_outbox_waiting_messages") == 0, "the last value"
    for part in ("outbox", "notifications"):
        assert seen.value("qayidis_scrape_success", part=part) == 0
        assert (seen.value("qayidis_scrape_failures_total", part=part) or 0) >= 3
    part = f"queue {CONTACTS.name}"
    await grown(system, "notifications", before, "qayidis_scrape_failures_total", 1, part=part)
    await queue_told(system, 0)
    for check in ("database", "broker", "migration", f"queue {CONTACTS.name}"):
        assert seen.value("qayidis_ready", check=check) == 0, check

    database.mend()
    broker.mend()

    async def well() -> None:
        now = await scrape(system, "notifications")
        assert now.value("qayidis_scrape_success", part="outbox") == 1
        assert now.value("qayidis_scrape_success", part="notifications") == 1
        await queue_told(system, 1)
        for name, labels, value in now.samples:
            assert name != "qayidis_ready" or value == 1, labels

    await eventually(well, seconds=60)
