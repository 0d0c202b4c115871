"""Consuming `enrolment_confirmed` into pending notifications, against bare consume and ack."""

import asyncio
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import aio_pika
import asyncpg
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from deploy.local.environment import service_environment
from services.notifications.config import Settings
from services.notifications.subscribers import ENROLMENTS, ON_ENROLMENT
from shared.contracts.envelope import CONTENT_TYPE, attributes, encode
from shared.contracts.registration import EnrolmentConfirmed
from shared.ids import new_id
from shared.service import Service
from tests.bench.figures import Figure, median
from tests.bench.ground import Household, households, know_contacts, know_event
from tests.bench.sizes import sized
from tests.system import System

MANY = sized(8_000, 800)
ROUNDS = sized(3, 1)
PREFETCH = 400


async def measure(system: System) -> Figure:
    """Alternate the two, three times, and compare their medians; the service is not running."""
    bare, rates = [], []
    known = households(MANY)
    async with system.broker() as channel, system.database() as database:
        await know_contacts(database, system.sealer("notifications"), known)
        for _ in range(ROUNDS):
            await fill_anew(channel, database, known)
            bare.append(await _bare(system))
            await fill_anew(channel, database, known)
            rates.append(await ours(system))
    return Figure(
        "consumer: enrolment_confirmed to pending notifications (and a reminder each)",
        f"{median(rates):,.0f}/s",
        f"bare aio-pika consume and ack: {median(bare):,.0f}/s",
        f"{median(rates) / median(bare):.2f}",
        "0.40",
        "one Python process: FastStream's dispatch, validation, and three rows written a message",
    )


async def fill_anew(
    channel: AbstractChannel, database: asyncpg.Connection, known: Sequence[Household]
) -> None:
    """Fill the queue for a new event, with no notifications from before."""
    await database.execute("DELETE FROM notifications.notifications")
    await _fill(channel, known, await know_event(database))


async def _fill(channel: AbstractChannel, known: Sequence[Household], event_id: UUID) -> None:
    for start in range(0, MANY, 500):
        await asyncio.gather(
            *(
                channel.default_exchange.publish(
                    aio_pika.Message(
                        _body(each, event_id),
                        content_type=CONTENT_TYPE,
                        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                    ),
                    ENROLMENTS.name,
                )
                for each in known[start : start + 500]
            )
        )


def _body(household: Household, event_id: UUID) -> bytes:
    contract = EnrolmentConfirmed(
        enrolment_id=new_id(),
        event_id=event_id,
        family_id=household.family_id,
        person_ids=[household.person_id],
        seats=1,
        origin_district="AZ-AGM",
    )
    context = attributes(
        id=new_id(),
        contract_type=contract.type(),
        source="/registration",
        subject=str(contract.enrolment_id),
        time=datetime.now(UTC),
        dataschema=contract.dataschema(),
        sequence=1,
        subject_version=1,
        correlation_id=str(new_id()),
        causation_id=None,
        traceparent=None,
    )
    return encode(context, contract.model_dump_json())


async def _bare(system: System) -> float:
    connection = await aio_pika.connect(system.broker_url("notifications"))
    seen, everything = 0, asyncio.Event()

    async def acknowledge(message: AbstractIncomingMessage) -> None:
        nonlocal seen
        await message.ack()
        seen += 1
        if seen == MANY:
            everything.set()

    async with connection:
        channel = await connection.channel()
        await channel.set_qos(PREFETCH)
        queue = await channel.get_queue(ENROLMENTS.name, ensure=False)
        began = time.perf_counter()
        await queue.consume(acknowledge)
        await everything.wait()
        seconds = time.perf_counter() - began
    return MANY / seconds


async def ours(system: System) -> float:
    """Let a consumer of ours empty the queue; gives messages a second."""
    os.environ.update(service_environment("notifications", system.around, 8003))
    service = Service("notifications", Settings(), sealer=system.sealer("notifications"))
    consumer = service.consume(ENROLMENTS, ON_ENROLMENT)
    async with system.database() as database:
        count = "SELECT count(*) FROM notifications.notifications WHERE kind = 'confirmation'"
        began = time.perf_counter()
        task = asyncio.create_task(consumer.run())
        await service.broker.start()
        while await database.fetchval(count) < MANY:
            await asyncio.sleep(0.05)
        seconds = time.perf_counter() - began
    await service.broker.stop()
    task.cancel()
    await service.engine.dispose()
    return MANY / seconds
