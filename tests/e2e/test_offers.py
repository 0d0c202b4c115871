"""Offers of seats: from the rule in the event to the text in the phone, in any order."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.contracts.base import Contract
from tests.support import bodies
from tests.support.bodies import Body
from tests.support.desk import Desk, answered
from tests.support.injection import inject, message
from tests.support.story import Story
from tests.system import System

OFFERS = {"rule": "strict_order", "offer_hours": 24}


async def tell(system: System, contract: Contract, subject: UUID, version: int) -> None:
    await inject(system, (contract, message(contract, subject, version)))


async def one_offered(desk: Desk) -> tuple[Body, Body, list[str]]:
    """An event of one seat that became free; gives its two waiting enrolments and their phones."""
    at = bodies.place()
    event = await desk.publish(bodies.event(at, capacity=1, seating=OFFERS))
    phones = [bodies.phone() for _ in range(3)]
    seated, first, second = [
        await desk.enrol(
            event["id"], await desk.register(bodies.family(at, bodies.person(phone=phone)))
        )
        for phone in phones
    ]
    await answered(desk.registration.post(f"/v1/enrolments/{seated['id']}/cancel"))
    return first, second, phones[1:]


async def test_the_family_is_told_until_when_and_then_that_it_has_seats(desk: Desk) -> None:
    first, _, [phone, _] = await one_offered(desk)
    waiting, offer = await desk.received(phone, 2)
    assert "sıranız: 1" in waiting
    assert "-dək saxlanılır" in offer
    await answered(desk.registration.post(f"/v1/enrolments/{first['id']}/accept"))
    assert "ayrıldı" in (await desk.received(phone, 3))[2]


async def test_when_the_time_has_passed_it_is_told_and_the_next_is_offered(desk: Desk) -> None:
    first, _, [phone, next_phone] = await one_offered(desk)
    await desk.received(phone, 2)
    async with desk.system.database() as database:
        await database.execute(
            "UPDATE registration.enrolments SET offer_expires_at = now() WHERE id = $1",
            UUID(first["id"]),
        )
    assert "vaxtı bitib" in (await desk.received(phone, 3))[2]
    assert "-dək saxlanılır" in (await desk.received(next_phone, 2))[1]


async def test_an_offer_that_comes_before_its_event_is_told_once_it_is_known(desk: Desk) -> None:
    story, until = Story(), datetime.now(UTC) + timedelta(days=1)
    await tell(desk.system, story.offered(until), story.enrolment, 2)
    await tell(desk.system, story.contact(), story.person, 1)
    await tell(desk.system, story.published(), story.event, 1)
    texts = await desk.received(story.phone, 2)
    assert sum("-dək saxlanılır" in text for text in texts) == 1


async def test_an_offer_that_comes_after_its_acceptance_is_not_told(desk: Desk) -> None:
    story, until = Story(), datetime.now(UTC) + timedelta(days=1)
    await tell(desk.system, story.contact(), story.person, 1)
    await tell(desk.system, story.published(), story.event, 1)
    await tell(desk.system, story.promoted(), story.enrolment, 3)
    await desk.received(story.phone, 2)
    await tell(desk.system, story.offered(until), story.enrolment, 2)
    await tell(desk.system, story.offer_ended(), story.enrolment, 4)
    texts = await desk.received(story.phone, 3)
    assert not any("-dək saxlanılır" in text for text in texts)
    assert "vaxtı bitib" in texts[2]


async def test_an_offer_whose_time_has_passed_on_the_way_is_not_told(desk: Desk) -> None:
    story = Story()
    await tell(desk.system, story.contact(), story.person, 1)
    await tell(desk.system, story.published(), story.event, 1)
    await desk.received(story.phone, 1)
    late = datetime.now(UTC) - timedelta(minutes=1)
    await tell(desk.system, story.offered(late), story.enrolment, 2)
    settled = await desk.settled(2, event_id=str(story.event))
    assert {(each["kind"], each["status"]) for each in settled} >= {("offer", "expired")}
