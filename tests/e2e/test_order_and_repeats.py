"""Order never matters and nothing happens twice, with messages published by hand."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.base import Contract
from tests.support import bodies
from tests.support.desk import Desk
from tests.support.injection import inject, message
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System


async def tell(
    system: System, contract: Contract, subject: UUID, version: int, **other: Any
) -> None:
    await inject(system, (contract, message(contract, subject, version, **other)))


ORDERS = [*itertools.permutations(("contact", "event", "enrolment"))]


async def test_the_same_texts_come_in_whatever_order_contact_event_and_enrolment_do(
    desk: Desk,
) -> None:
    async def play(order: Sequence[str]) -> tuple[list[str], list[tuple[str, str]]]:
        story, began = Story(), datetime.now(UTC)
        contracts = {
            "contact": (story.contact(), story.person, began),
            "event": (story.published(), story.event, began + timedelta(seconds=1)),
            "enrolment": (story.confirmed(), story.enrolment, began + timedelta(seconds=2)),
        }
        for name in order:
            contract, subject, time = contracts[name]
            await tell(desk.system, contract, subject, 1, time=time)
            await asyncio.sleep(0.3)
        texts = await desk.received(story.phone, 2)
        told = await desk.settled(3, event_id=str(story.event))
        return sorted(texts), sorted((item["kind"], item["status"]) for item in told)

    first, *others = await asyncio.gather(*(play(order) for order in ORDERS))
    assert [kind for kind, _ in first[1]] == ["confirmation", "invitation", "reminder"]
    assert "10:00" in first[0][0]
    assert all(other == first for other in others)


async def test_a_message_published_three_times_has_its_effect_once(
    desk: Desk,
) -> None:
    story = Story()
    await tell(desk.system, story.contact(), story.person, 1)
    await tell(desk.system, story.published(), story.event, 1)
    made = message(story.confirmed(), story.enrolment, 1)
    await inject(desk.system, *[(story.confirmed(), made)] * 3)
    await desk.received(story.phone, 2)
    handled = await handled_messages(desk.system, made.message_id)
    assert handled == 1
    assert len(await desk.settled(3, event_id=str(story.event))) == 3


async def test_a_lower_version_of_an_enrolment_changes_nothing(desk: Desk) -> None:
    story = Story()
    await tell(desk.system, story.contact(), story.person, 1)
    await tell(desk.system, story.published(), story.event, 1)
    await tell(desk.system, story.confirmed(), story.enrolment, 3)
    await desk.received(story.phone, 2)
    stale = message(story.waitlisted(), story.enrolment, 2)
    await inject(desk.system, (story.waitlisted(), stale))
    await once_handled(desk.system, stale.message_id)
    assert len(await desk.settled(3, event_id=str(story.event))) == 3
    assert len(await desk.texts(story.phone)) == 2


async def test_a_lower_version_of_an_event_changes_nothing_here_or_at_registration(
    desk: Desk,
) -> None:
    story, later = Story(), datetime(2031, 1, 1, 8, tzinfo=UTC)
    await tell(desk.system, story.contact(), story.person, 1)
    await tell(desk.system, story.rescheduled(later), story.event, 3)
    stale = message(story.published(capacity=1), story.event, 2)
    await inject(desk.system, (story.published(capacity=1), stale))
    await once_handled(desk.system, stale.message_id, services=("notifications", "registration"))
    assert (await desk.event_known(str(story.event)))["capacity"] == 60
    [_, confirmation] = await text_of_a_confirmation(desk, story)
    assert "1 yanvar 2031, 12:00" in confirmation


async def test_a_cancelled_event_stays_cancelled_when_an_older_message_follows(desk: Desk) -> None:
    story = Story()
    await tell(desk.system, story.contact(), story.person, 1)
    await tell(desk.system, story.cancelled(), story.event, 2)
    older = message(story.published(), story.event, 1)
    await inject(desk.system, (story.published(), older))
    await once_handled(desk.system, older.message_id, services=("notifications", "registration"))
    family = await desk.register(bodies.family(story.at))
    refused = await desk.registration.post(
        "/v1/enrolments", json={"event_id": str(story.event), "family_id": family["id"]}
    )
    assert refused.status_code in {404, 409}, refused.text
    assert await desk.texts(story.phone) == []


async def test_a_lower_version_of_a_contact_does_not_bring_the_old_phone_back(desk: Desk) -> None:
    story, old = Story(), bodies.phone()
    await tell(desk.system, story.contact(), story.person, 5)
    stale = message(story.contact(phone=old), story.person, 4)
    await inject(desk.system, (story.contact(phone=old), stale))
    await once_handled(desk.system, stale.message_id)
    await tell(desk.system, story.published(), story.event, 1)
    assert len(await desk.received(story.phone, 1)) == 1
    assert await desk.texts(old) == []


async def test_who_was_registered_before_an_event_is_invited_though_a_newer_contact_came_first(
    desk: Desk,
) -> None:
    story, began = Story(), datetime.now(UTC)
    later = began + timedelta(seconds=20)
    await tell(desk.system, story.published(), story.event, 1, time=began + timedelta(seconds=10))
    await tell(desk.system, story.contact(), story.person, 2, time=later)
    await tell(desk.system, story.contact(bodies.phone()), story.person, 1, time=began)
    await desk.received(story.phone, 1)


async def test_a_receipt_that_comes_again_changes_nothing(desk: Desk) -> None:
    story = Story()
    await tell(desk.system, story.contact(), story.person, 1)
    await tell(desk.system, story.published(), story.event, 1)
    await desk.received(story.phone, 1)
    [first] = await desk.settled(1, event_id=str(story.event))
    body = {"id": first["id"], "reference": "r", "status": "failed", "at": "2030-01-01T00:00:00Z"}
    await desk.receipt(body)
    await desk.receipt(body)
    assert await desk.told(event_id=str(story.event)) == [first]


async def text_of_a_confirmation(desk: Desk, story: Story) -> list[str]:
    await tell(desk.system, story.confirmed(), story.enrolment, 1)
    return await desk.received(story.phone, 2)


async def handled_messages(
    system: System, message_id: str | None, service: str = "notifications"
) -> int:
    assert message_id
    async with system.database() as database:
        count: int = await database.fetchval(
            f"SELECT count(*) FROM {service}.inbox WHERE message_id = $1", UUID(message_id)
        )
    return count


async def once_handled(
    system: System, message_id: str | None, services: Sequence[str] = ("notifications",)
) -> None:
    async def look() -> None:
        for service in services:
            assert await handled_messages(system, message_id, service) == 1, service

    await eventually(look)
