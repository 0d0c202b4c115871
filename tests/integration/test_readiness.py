"""Readiness tells the truth: who cannot do its work says 503 and why, and is back when it can."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import cast
from uuid import UUID

import aiormq
import asyncpg
import pytest
from aio_pika import Message
from aio_pika.abc import AbstractIncomingMessage
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue
from faststream.rabbit.subscriber import RabbitSubscriber

from deploy.bootstrap.accounts import Administrator, Passwords
from services.notifications.subscribers import CONTACTS
from shared.database import create_engine, create_sessions
from shared.messaging.in_hand import InHand
from shared.messaging.lead import LEADING, STANDING_BY, TAKING_OVER, Lead, lock_name
from shared.messaging.topology import Queue, declare_topology
from shared.messaging.watching import QueueWatch
from tests.support.injection import inject, message
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System, unique_name, whole_system

LOCK = "SELECT pg_advisory_lock(hashtext('events relay'))"
RELAYS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'events relay'"


@pytest.fixture(scope="module")
def shaken_system(
    administrator: Administrator,
    passwords: Passwords,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    """A system that these tests shake: a service that publishes and one that reads queues."""
    root, name = tmp_path_factory.mktemp("readiness"), unique_name("readiness")
    hasty = {
        "EVENTS_RELAY_CONFIRM_SECONDS": "1",
        "EVENTS_RELAY_HAND_OVER_SECONDS": "1",
    }
    started = ["events", "notifications"]
    with whole_system(
        *(administrator, passwords, root, name),
        template=template,
        settings=hasty,
        started=started,
    ) as system:
        yield system


@pytest.fixture
async def shaken(shaken_system: System) -> AsyncIterator[System]:
    """The system, well before the test and after it."""
    for name in ("events", "notifications"):
        await ready(shaken_system, name)
    yield shaken_system
    for name in ("events", "notifications"):
        await ready(shaken_system, name)
    await shaken_system.close_clients()


async def ready(system: System, name: str) -> None:
    await eventually(lambda: says(system, name, {}), seconds=30)


async def says(system: System, name: str, reasons: dict[str, str]) -> None:
    answer = await system.client(name).get("/health/ready")
    assert answer.json()["reasons"] == reasons
    assert answer.status_code == (503 if reasons else 200)


async def test_a_consumer_that_the_broker_cancelled_is_missed_though_another_reads_its_queue(
    shaken: System,
) -> None:
    async with shaken.broker() as channel:

        async def cancel_and_read() -> None:
            await channel.queue_delete(CONTACTS.name)
            await eventually(lambda: cancelled(shaken))
            queue = await channel.declare_queue(
                CONTACTS.name, durable=True, arguments=dict(CONTACTS.arguments)
            )
            await queue.consume(leave)
            # The client tries again every second, so this is quicker but for bad luck.
            await cancelled(shaken)

        await eventually(cancel_and_read, seconds=30)
    await declare_topology(shaken.broker_url(), [CONTACTS])
    await ready(shaken, "notifications")
    story = Story()
    await inject(shaken, (story.contact(), message(story.contact(), story.person, 1)))
    await eventually(lambda: known(shaken, story.person))


async def cancelled(system: System) -> None:
    answer = await system.client("notifications").get("/health/ready")
    why = "not read by this process: the broker cancelled its consumer"
    assert answer.json()["reasons"].get(f"queue {CONTACTS.name}") == why
    assert answer.status_code == 503


async def known(system: System, person: UUID) -> None:
    async with system.database() as database:
        statement = "SELECT 1 FROM notifications.contacts WHERE person_id = $1"
        assert await database.fetchval(statement, person)


async def test_a_consumer_that_only_the_client_believes_in_is_missed_and_made_anew(
    shaken: System,
) -> None:
    queue, received = Queue(f"notifications.{unique_name('watched')}", ()), asyncio.Event()
    broker = RabbitBroker(shaken.broker_url(), reconnect_interval=1.0, logger=None)
    subscriber = broker.subscriber(RabbitQueue(queue.name, declare=False), channel=Channel())

    @subscriber
    async def note(_: bytes) -> None:
        received.set()

    watch = QueueWatch(
        queue,
        broker=broker,
        subscriber=subscriber,
        in_hand=InHand("notifications.contacts"),
        room=10,
        every=0.2,
        starving=1.0,
    )
    async with shaken.broker() as channel:
        for name in (queue.name, queue.dead):
            await channel.declare_queue(name, durable=True)
        await broker.start()
        assert await watch.check() is None
        await forget(subscriber)
        assert await watch.check() is None, "the client believes"

        await channel.default_exchange.publish(Message(b"waits"), queue.name)
        watching = asyncio.create_task(watch.run())
        try:
            await eventually(lambda: starved(watch))
            await asyncio.wait_for(received.wait(), 10)
            await eventually(lambda: fed(watch))
        finally:
            watching.cancel()
            await broker.stop()
            for name in (queue.name, queue.dead):
                await channel.queue_delete(name)


async def forget(subscriber: RabbitSubscriber) -> None:
    """Cancel the consumer at the broker, and let the client believe that it is there."""
    assert subscriber._queue_obj is not None
    channel = cast(aiormq.Channel, await subscriber._queue_obj.channel.get_underlay_channel())
    believed = dict(channel.consumers)
    for tag in believed:
        await channel.basic_cancel(tag)
    channel.consumers.update(believed)


async def starved(watch: QueueWatch) -> None:
    assert "yet the broker gives it none" in str(await watch.check())


async def fed(watch: QueueWatch) -> None:
    assert await watch.check() is None


async def leave(_: AbstractIncomingMessage) -> None:
    pass


async def test_a_relay_that_waits_for_a_session_that_is_no_relay_says_who_has_its_lock(
    shaken: System,
) -> None:
    async with shaken.database() as thief, shaken.database() as admin:
        await thief.execute("SET application_name = 'somebody'")
        pid = thief.get_server_pid()
        taking = asyncio.create_task(thief.execute(LOCK))
        await asyncio.sleep(0.2)
        for relay in await admin.fetch(RELAYS):
            await admin.execute("SELECT pg_terminate_backend($1)", relay["pid"])
        await taking
        reason = (
            "nobody publishes: the lock 'events relay' is held by 'somebody' "
            f"(process {pid} of Postgres), which is no relay"
        )
        await eventually(lambda: says(shaken, "events", {"relay": reason}), seconds=30)


async def test_a_relay_whose_statement_hangs_says_so_and_comes_back(shaken: System) -> None:
    async with shaken.database() as blocker:
        transaction = blocker.transaction()
        await transaction.start()
        await blocker.execute("LOCK TABLE events.outbox")
        expected = {"relay": "failing: TimeoutError"}
        await eventually(lambda: says(shaken, "events", expected), seconds=30)
        await transaction.rollback()


async def test_standing_by_is_well_only_while_a_relay_holds_the_lock(shaken: System) -> None:
    engine = create_engine(shaken.database_url("events_app"), service="test", pool_size=1)
    sessions = create_sessions(engine)
    name = f"{unique_name('lock')}"
    lead = Lead(name, hand_over=0, silence=60)
    lead.become(STANDING_BY)
    nobody = f"nobody publishes: no session holds the lock {lock_name(name)!r}"
    assert await lead.check(sessions) == nobody

    async with shaken.database("events_app") as relay:
        await relay.execute("SELECT pg_advisory_lock(hashtext($1))", lock_name(name))
        assert "which is no relay" in str(await lead.check(sessions))
        await relay.execute(f"SET application_name = '{lock_name(name)}'")
        assert await lead.check(sessions) is None

    patient = Lead(name, hand_over=60, silence=60)
    patient.become(STANDING_BY)
    assert await patient.check(sessions) is None, "one follows the other just now"
    await engine.dispose()


async def test_a_leader_that_does_not_move_is_stuck(shaken: System) -> None:
    engine = create_engine(shaken.database_url("events_app"), service="test", pool_size=1)
    sessions = create_sessions(engine)
    stuck, slow = (Lead("probe", hand_over=0, silence=0) for _ in range(2))
    stuck.become(LEADING)
    assert "leads, yet is stuck" in str(await stuck.check(sessions))
    slow.become(TAKING_OVER)
    assert "nobody publishes" in str(await slow.check(sessions))
    await engine.dispose()


@pytest.mark.parametrize(
    ("found", "reasons"),
    [
        ("0001", {"migration": "migration behind: the database has 0001, this code needs 0003"}),
        (None, {"migration": "migration behind: the database has no tables, this code needs 0003"}),
        ("9999", {}),
    ],
    ids=["behind", "nothing", "ahead"],
)
async def test_a_database_behind_the_code_is_not_ready_and_one_ahead_of_it_is(
    shaken: System, found: str | None, reasons: dict[str, str]
) -> None:
    async with shaken.database() as database:
        newest = await revision(database, found)
        try:
            await says(shaken, "events", reasons)
        finally:
            await revision(database, newest)


async def revision(database: asyncpg.Connection, wanted: str | None) -> str | None:
    """Say what the database has to be, and return what it was."""
    before: str | None = await database.fetchval("SELECT version_num FROM events.alembic_version")
    await database.execute("DELETE FROM events.alembic_version")
    if wanted is not None:
        await database.execute("INSERT INTO events.alembic_version VALUES ($1)", wanted)
    return before
