"""A bad message harms nobody else: it is parked with its reason, and the next one is handled."""

import json
from uuid import UUID

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage

from shared.contracts.base import INTERNAL, PUBLIC
from shared.ids import new_id
from tests.support.desk import Desk
from tests.support.injection import inject, inject_raw, message
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System

PREFIX = "x-qayidis-"


async def parked(system: System, queue: str, mark: str) -> AbstractIncomingMessage:
    """Wait for the dead letter whose body holds `mark`, and take it out of the queue."""

    async def look() -> AbstractIncomingMessage:
        async with system.broker() as channel:
            dead = await channel.get_queue(f"{queue}.dead", ensure=False)
            kept = []
            found = None
            while (letter := await dead.get(fail=False)) is not None:
                if mark in letter.body.decode(errors="replace"):
                    await letter.ack()
                    found = letter
                    break
                kept.append(letter)
            for letter in kept:
                await letter.nack(requeue=True)
        assert found is not None, f"{mark} is not in {queue}.dead"
        return found

    return await eventually(look)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"no JSON at all MARK", "not a CloudEvent"),
        (b'{"specversion": "1.0", "mark": "MARK"}', "not a CloudEvent"),
        (b"\xff\xfe MARK", "not a CloudEvent"),
        (b'"MARK"', "not a CloudEvent"),
    ],
    ids=["text", "half", "bytes", "string"],
)
async def test_what_is_no_message_is_parked_with_its_reason_and_origin(
    desk: Desk, body: bytes, reason: str
) -> None:
    mark, story = new_id().hex, Story()
    broken = body.replace(b"MARK", mark.encode())
    await inject_raw(
        desk.system, broken, INTERNAL, "registration.contact_changed.v1", "registration"
    )
    await inject(
        desk.system,
        (story.contact(), message(story.contact(), story.person, 1)),
        (story.published(), message(story.published(), story.event, 1)),
    )
    letter = await parked(desk.system, "notifications.contacts", mark)

    assert letter.body == broken
    assert reason in str(letter.headers[f"{PREFIX}reason"])
    assert letter.headers[f"{PREFIX}queue"] == "notifications.contacts"
    assert letter.headers[f"{PREFIX}exchange"] == INTERNAL
    assert letter.headers[f"{PREFIX}routing-key"] == "registration.contact_changed.v1"
    assert letter.headers[f"{PREFIX}service"] == "notifications"
    assert letter.headers[f"{PREFIX}attempts"] == 1
    assert letter.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
    await desk.received(story.phone, 1)


async def test_data_that_breaks_the_contract_is_parked_and_its_reason_names_the_field_not_its_value(
    desk: Desk,
) -> None:
    story = Story()
    made = message(story.contact(), story.person, 1)
    event = json.loads(made.body)
    event["data"]["language"] = "klingon"
    await inject_raw(
        desk.system,
        json.dumps(event).encode(),
        INTERNAL,
        "registration.contact_changed.v1",
        "registration",
    )
    letter = await parked(desk.system, "notifications.contacts", str(story.person))
    reason = str(letter.headers[f"{PREFIX}reason"])
    assert "language" in reason
    assert "klingon" not in reason


async def test_a_message_whose_handler_always_fails_is_parked_and_those_behind_it_are_handled(
    desk: Desk,
) -> None:
    bad, good = Story(), Story()
    # An integer that the contract allows and no column of Postgres can hold.
    poison = message(bad.contact(), bad.person, 2**40)
    await inject(
        desk.system,
        (bad.contact(), poison),
        (good.contact(), message(good.contact(), good.person, 1)),
        (good.published(), message(good.published(), good.event, 1)),
    )
    await desk.received(good.phone, 1)
    letter = await parked(desk.system, "notifications.contacts", str(bad.person))
    assert letter.body == poison.body
    assert letter.message_id == poison.message_id
    assert letter.correlation_id == "by-hand"
    assert int(str(letter.headers[f"{PREFIX}attempts"])) > 1
    assert "DBAPIError" in str(letter.headers[f"{PREFIX}exception"])
    assert await claimed(desk.system, poison.message_id) == 0


async def test_at_registration_a_poison_message_is_parked_too(desk: Desk) -> None:
    bad, good = Story(), Story()
    poison = message(bad.published(), bad.event, 2**40)
    await inject(
        desk.system,
        (bad.published(), poison),
        (good.published(), message(good.published(), good.event, 1)),
    )
    await desk.event_known(str(good.event))
    letter = await parked(desk.system, "registration.events", str(bad.event))
    assert letter.headers[f"{PREFIX}service"] == "registration"
    await parked(desk.system, "notifications.events", str(bad.event))


async def test_a_type_that_nobody_reads_is_parked(desk: Desk) -> None:
    story = Story()
    event = json.loads(message(story.published(), story.event, 1).body)
    event["type"] = "az.gov.idp.events.event_published.v9"
    await inject_raw(
        desk.system, json.dumps(event).encode(), PUBLIC, "events.event_published.v1", "events"
    )
    for queue in ("notifications.events", "registration.events"):
        letter = await parked(desk.system, queue, str(story.event))
        assert "no subscriber for the type" in str(letter.headers[f"{PREFIX}reason"])


async def test_a_mended_dead_letter_can_be_replayed_to_its_one_queue(desk: Desk) -> None:
    story = Story()
    made = message(story.contact(), story.person, 1)
    event = json.loads(made.body)
    event["data"]["language"] = "klingon"
    await inject_raw(
        desk.system,
        json.dumps(event).encode(),
        INTERNAL,
        "registration.contact_changed.v1",
        "registration",
    )
    await parked(desk.system, "notifications.contacts", str(story.person))
    async with desk.system.broker() as channel:
        await channel.default_exchange.publish(made, "notifications.contacts")
    await inject(desk.system, (story.published(), message(story.published(), story.event, 1)))
    await desk.received(story.phone, 1)


async def claimed(system: System, message_id: str | None) -> int:
    async with system.database() as database:
        count: int = await database.fetchval(
            "SELECT count(*) FROM notifications.inbox WHERE message_id = $1", UUID(message_id)
        )
    return count
