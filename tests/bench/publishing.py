"""The relay against bare aio-pika: confirmed publishing of the same bytes in the same batches."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
import asyncpg
from aio_pika.abc import AbstractQueue

from shared.contracts.base import PUBLIC
from shared.contracts.registration import FamilyRegistered, Origin, Residence
from shared.ids import new_id
from shared.messaging.numbering import number_waiting
from shared.messaging.publishing import to_amqp
from shared.messaging.relay import Relay, RelayLimits
from tests.bench.figures import Figure, median
from tests.bench.sizes import sized
from tests.system import System

MANY = sized(10_000, 1_000)
BATCH = 500
ROUNDS = sized(3, 1)
QUEUE = "bench.publishing"


async def measure(system: System) -> Figure:
    """Alternate the two, three times, and compare their medians."""
    bare, ours = [], []
    async with only_queue(system) as (queue, database):
        for _ in range(ROUNDS):
            bare.append(await _bare(system, database))
            await queue.purge()
            ours.append(await relay(system, database))
            await queue.purge()
    return Figure(
        "relay: outbox rows published with confirms",
        f"{median(ours):,.0f}/s",
        f"bare aio-pika, batches of {BATCH}: {median(bare):,.0f}/s",
        f"{median(ours) / median(bare):.2f}",
        "0.85",
        "aio-pika's work for each publish; the relay adds its encoding, two statements a batch",
    )


@asynccontextmanager
async def only_queue(system: System) -> AsyncIterator[tuple[AbstractQueue, asyncpg.Connection]]:
    """Make the one queue that reads what is published here, and connect to registration's rows."""
    async with system.broker() as channel, system.database("registration_app") as database:
        queue = await channel.declare_queue(
            QUEUE, durable=True, arguments={"x-queue-type": "quorum"}
        )
        await queue.bind(PUBLIC, routing_key=FamilyRegistered.routing_key)
        yield queue, database
        await queue.delete(if_unused=False, if_empty=False)


async def _fill(database: asyncpg.Connection) -> None:
    await database.execute("DELETE FROM outbox")
    await database.executemany(
        """INSERT INTO outbox (id, type, exchange, routing_key, expects_route, subject,
            subject_version, correlation_id, traceparent, data)
        VALUES ($1, $2, $3, $4, true, $5, 1, $6,
            '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', $7)""",
        [_row() for _ in range(MANY)],
    )


def _row() -> tuple[object, ...]:
    contract = FamilyRegistered(
        family_id=new_id(),
        origin=Origin(district="AZ-AGM", settlement="Novruzlu"),
        residence=Residence(district="AZ-BAR"),
        members=4,
    )
    return (
        new_id(),
        contract.type(),
        contract.exchange,
        contract.routing_key,
        str(contract.family_id),
        str(new_id()),
        contract.model_dump_json(),
    )


async def _bare(system: System, database: asyncpg.Connection) -> float:
    await _fill(database)
    rows = await number_waiting(database, MANY)
    messages = [to_amqp(row, "registration") for row in rows]
    connection = await aio_pika.connect(system.broker_url("registration"))
    async with connection:
        channel = await connection.channel(on_return_raises=True)
        exchange = await channel.get_exchange(PUBLIC, ensure=False)
        began = time.perf_counter()
        for start in range(0, MANY, BATCH):
            batch = messages[start : start + BATCH]
            await asyncio.gather(
                *(exchange.publish(each, FamilyRegistered.routing_key) for each in batch)
            )
        return MANY / (time.perf_counter() - began)


async def relay(system: System, database: asyncpg.Connection) -> float:
    """Let a relay publish a full outbox; gives messages a second."""
    await _fill(database)
    ours = Relay(
        "registration",
        database_url=system.database_url("registration_app"),
        amqp_url=system.broker_url("registration"),
        limits=RelayLimits(batch=BATCH),
    )
    began = time.perf_counter()
    task = asyncio.create_task(ours.run())
    while await database.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"):
        await asyncio.sleep(0.05)
    seconds = time.perf_counter() - began
    task.cancel()
    return MANY / seconds
