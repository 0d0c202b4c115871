"""On the running system each service is refused whatever is not its own."""

from collections.abc import Awaitable

import aio_pika
import asyncpg
import pytest
from aiormq.exceptions import ChannelAccessRefused

from deploy.bootstrap import SERVICES
from shared.contracts import CONTRACTS
from shared.contracts.base import INTERNAL, PUBLIC, Contract
from tests.support.outside import outside_system
from tests.system import System

OTHERS = [(one, other) for one in SERVICES for other in SERVICES if one != other]

QUEUES = {
    "registration": ("registration.events", "registration.contacts"),
    "events": (),
    "notifications": (
        "notifications.contacts",
        "notifications.events",
        "notifications.enrolments",
    ),
}


async def tables(system: System, service: str) -> list[str]:
    async with system.database() as database:
        found = await database.fetch(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = $1", service
        )
    return [row[0] for row in found]


@pytest.mark.parametrize(("service", "other"), OTHERS)
@pytest.mark.parametrize("role", ["app", "migrator"])
async def test_a_database_role_is_refused_every_table_of_another_service(
    system: System, service: str, other: str, role: str
) -> None:
    async with system.database(f"{service}_{role}") as database:
        for table in await tables(system, other):
            for statement in (
                f"SELECT 1 FROM {other}.{table}",
                f"DELETE FROM {other}.{table}",
                f"TRUNCATE {other}.{table}",
                f"DROP TABLE {other}.{table}",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await database.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.execute(f"CREATE TABLE {other}.mine (id int)")


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_reads_its_own_tables_but_cannot_change_what_they_are(
    system: System, service: str
) -> None:
    async with system.database(f"{service}_app") as database:
        for table in await tables(system, service):
            await database.execute(f"SELECT 1 FROM {table} LIMIT 1")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await database.execute(f"DROP TABLE {table}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.execute(f"CREATE TABLE {service}.mine (id int)")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO alembic_version VALUES ('x')",
        "UPDATE alembic_version SET version_num = 'x'",
        "DELETE FROM alembic_version",
    ],
)
async def test_a_service_cannot_say_that_it_was_migrated(
    system: System, service: str, statement: str
) -> None:
    async with system.database(f"{service}_app") as database:
        attempt = database.transaction()
        await attempt.start()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.execute(statement)
        await attempt.rollback()


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: str(contract.routing_key))
async def test_only_the_service_that_owns_a_message_can_publish_it(
    system: System, contract: type[Contract]
) -> None:
    for service in SERVICES:
        if service != contract.service():
            await is_refused(publish(system, service, contract.exchange, contract.routing_key))


@pytest.mark.parametrize(("service", "other"), OTHERS)
async def test_a_broker_user_is_refused_another_services_queues(
    system: System, service: str, other: str
) -> None:
    for queue in (each for name in QUEUES[other] for each in (name, f"{name}.dead")):
        await is_refused(consume(system, service, queue))
        await is_refused(publish(system, service, "", queue))
    await is_refused(publish(system, service, f"{other}.dead", "x"))


@pytest.mark.parametrize("service", SERVICES)
async def test_a_broker_user_can_declare_bind_and_delete_nothing(
    system: System, service: str
) -> None:
    await is_refused(declare(system, service, "mine"))
    for queue in QUEUES[service]:
        for exchange in (PUBLIC, INTERNAL):
            await is_refused(bind(system, service, queue, exchange, "#"))
        await is_refused(delete(system, service, queue))


async def test_an_outside_system_reads_its_queue_and_can_do_nothing_else(system: System) -> None:
    async with outside_system(system, "ministry", ["events.*.v1"]) as (outside, _):
        url, queue = outside.amqp_url, outside.queue
        for exchange in (PUBLIC, INTERNAL):
            await is_refused(publish(system, url, exchange, "events.event_published.v1"))
            for key in ("#", "registration.enrolment_confirmed.v1", "events.#"):
                await is_refused(bind(system, url, queue, exchange, key))
        await is_refused(publish(system, url, "", queue))
        await is_refused(declare(system, url, "outside.other"))
        await is_refused(delete(system, url, queue))
        for own in QUEUES["notifications"]:
            await is_refused(consume(system, url, own))


async def is_refused(attempt: Awaitable[None]) -> None:
    """Expect the broker to answer 403, access refused."""
    with pytest.raises(ChannelAccessRefused):
        await attempt


async def connect(system: System, who: str) -> aio_pika.abc.AbstractConnection:
    return await aio_pika.connect(system.broker_url(who) if who in SERVICES else who)


async def publish(system: System, who: str, exchange: str, key: str) -> None:
    async with await connect(system, who) as connection:
        channel = await connection.channel(on_return_raises=True)
        target = (
            await channel.get_exchange(exchange, ensure=False)
            if exchange
            else channel.default_exchange
        )
        await target.publish(aio_pika.Message(b"{}"), key)


async def consume(system: System, who: str, name: str) -> None:
    async with await connect(system, who) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue(name, ensure=False)
        await queue.consume(_leave)


async def _leave(_: aio_pika.abc.AbstractIncomingMessage) -> None:
    pass


async def declare(system: System, who: str, name: str) -> None:
    async with await connect(system, who) as connection:
        channel = await connection.channel()
        await channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum"})


async def delete(system: System, who: str, name: str) -> None:
    async with await connect(system, who) as connection:
        channel = await connection.channel()
        await channel.queue_delete(name)


async def bind(system: System, who: str, name: str, exchange: str, key: str) -> None:
    async with await connect(system, who) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue(name, ensure=False)
        await queue.bind(exchange, routing_key=key)
