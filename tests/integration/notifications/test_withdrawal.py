"""Consent withdrawn: nothing leaves once the contact's change was handled, whatever was pending.

Measured by order, not by time: each test ends with a text to somebody else, claimed later.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from services.notifications.calendar.handlers import publish_event
from services.notifications.contacts.handlers import remember_contacts
from services.notifications.enrolments.handlers import confirm_enrolments
from shared.contracts.envelope import Message
from shared.contracts.registration import ContactChanged
from shared.database import Sessions, create_engine, create_sessions
from tests.support import bodies
from tests.support.bodies import Body, person
from tests.support.desk import Desk
from tests.support.story import Story, envelope
from tests.support.waiting import eventually
from tests.system import System


@pytest.fixture(scope="module")
async def sessions(system: System) -> AsyncIterator[Sessions]:
    """Sessions of the notifications service's own role."""
    url = system.database_url("notifications_app")
    engine = create_engine(url, service="tests", pool_size=5)
    yield create_sessions(engine, {"sealer": system.sealer("notifications")})
    await engine.dispose()


async def statuses(desk: Desk, expected: dict[str, str], **which: str) -> None:
    """Wait until each kind of notification has a status."""

    async def look() -> None:
        told = {item["kind"]: item["status"] for item in await desk.told(**which)}
        assert told == expected, told

    await eventually(look)


async def somebody_else_is_told(desk: Desk) -> None:
    at, phone = bodies.place(), bodies.phone()
    await desk.register(bodies.family(at, person(phone=phone)))
    await desk.publish(bodies.event(at))
    await desk.received(phone, 1)


async def test_what_waits_and_what_comes_later_is_suppressed(desk: Desk) -> None:
    at, phone = bodies.place(), bodies.phone()
    family = await desk.register(bodies.family(at, person(phone=phone)))
    event = await desk.publish(bodies.event(at, days=5))
    await desk.enrol(event["id"], family)
    await desk.received(phone, 2)
    await desk.change(family, {"consent": None})
    told = {"invitation": "delivered", "confirmation": "delivered", "reminder": "suppressed"}
    await statuses(desk, told, event_id=event["id"])
    moved = bodies.event(at, days=6)
    times = ("starts_at", "ends_at", "enrolment_closes_at")
    body: Body = {name: moved[name] for name in times}
    await desk.act(event["id"], "reschedule", {**body, "reason": bodies.reason()})
    await statuses(desk, {**told, "rescheduled": "suppressed"}, event_id=event["id"])
    await somebody_else_is_told(desk)
    assert len(await desk.texts(phone)) == 2


async def test_a_text_that_is_to_be_tried_again_is_not(desk: Desk) -> None:
    at, phone = bodies.place(), bodies.phone()
    await desk.switch(phone, "429", seconds=1)
    family = await desk.register(bodies.family(at, person(phone=phone)))
    event = await desk.publish(bodies.event(at))
    await statuses(desk, {"invitation": "pending"}, event_id=event["id"])
    await desk.change(family, {"consent": None})
    await statuses(desk, {"invitation": "suppressed"}, event_id=event["id"])
    await desk.switch(phone, "deliver")
    await somebody_else_is_told(desk)
    assert await desk.texts(phone) == []


async def test_a_text_written_while_the_consent_is_withdrawn_is_found_when_claimed(
    desk: Desk, sessions: Sessions
) -> None:
    story = Story()
    async with sessions.begin() as session:
        await publish_event(session, envelope(story.published(), story.event, 1))
        await remember_contacts(session, [envelope(story.contact(), story.person, 1, later=60)])
    async with sessions() as one, sessions.begin() as other:
        await confirm_enrolments(one, [envelope(story.confirmed(), story.enrolment, 1)])
        await remember_contacts(other, [withdrawn(story)])
        await other.commit()
        await one.commit()
    expected = {"confirmation": "suppressed", "reminder": "held"}
    await statuses(desk, expected, event_id=str(story.event))
    async with sessions.begin() as session:
        due = text("UPDATE notifications SET due_at = now() WHERE event_id = :id")
        await session.execute(due, {"id": story.event})
    expected["reminder"] = "suppressed"
    await statuses(desk, expected, event_id=str(story.event))
    await somebody_else_is_told(desk)
    assert await desk.texts(story.phone) == []


async def test_who_shares_the_phone_and_may_be_told_is_told(desk: Desk) -> None:
    at, phone = bodies.place(), bodies.phone()
    await desk.switch(phone, "429", seconds=1)
    family = await desk.register(bodies.family(at, person(phone=phone)))
    await desk.register(bodies.family(at, person(phone=phone, given_name="Sona")))
    event = await desk.publish(bodies.event(at))
    await statuses(desk, {"invitation": "pending"}, event_id=event["id"])
    await desk.change(family, {"consent": None})
    await somebody_else_is_told(desk)
    await desk.switch(phone, "deliver")
    await desk.received(phone, 1)


def withdrawn(story: Story) -> Message[Any]:
    """The person's contact, without the right to be told."""
    contact: ContactChanged = story.contact().model_copy(update={"may_notify": False})
    return envelope(contact, story.person, 2, later=60)
