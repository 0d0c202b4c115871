"""What becomes of a text when the provider refuses, is busy, slow, silent or gone."""

import asyncio
from typing import Any

from tests.support import bodies
from tests.support.bodies import Body, person
from tests.support.desk import Desk, answered
from tests.support.waiting import eventually


async def invited(desk: Desk, **other: Any) -> tuple[Body, Body]:
    """Register one person and publish an event that invites them."""
    at = bodies.place()
    family = await desk.register(bodies.family(at, person(**other)))
    event = await desk.publish(bodies.event(at))
    return family, event


async def the_text(desk: Desk, event: Body, status: str, seconds: float = 15) -> Body:
    """Wait until the one notification of an event has a status."""

    async def look() -> Body:
        told = await desk.told(event_id=event["id"])
        assert [item["status"] for item in told] == [status], told
        return told[0]

    return await eventually(look, seconds)


async def answers(desk: Desk, item: Body) -> list[int]:
    """What the provider answered to each post of a notification."""
    posted = await answered(desk.handset.get(f"/messages/{item['id']}"))
    return list(posted["answers"])


async def test_a_number_refused_for_good_is_not_tried_again_and_registration_learns_of_it(
    desk: Desk,
) -> None:
    phone = bodies.phone()
    await desk.switch(phone, "fail")
    family, event = await invited(desk, phone=phone)
    item = await the_text(desk, event, "failed")
    assert item["attempts"] == 1
    assert "400" in item["reason"]
    assert await answers(desk, item) == [400]

    async def look() -> None:
        known = await answered(desk.registration.get(f"/v1/families/{family['id']}"))
        assert "400" in (known["members"][0]["unreachable"] or "")

    await eventually(look)


async def test_a_busy_provider_is_asked_again_and_the_text_comes_once(desk: Desk) -> None:
    phone = bodies.phone()
    await desk.switch(phone, "429", seconds=1)
    _, event = await invited(desk, phone=phone)
    waiting = await the_text(desk, event, "pending")
    assert await desk.texts(phone) == []
    await desk.switch(phone, "deliver")
    item = await the_text(desk, event, "delivered")
    assert item["attempts"] > 1
    posts = await answers(desk, waiting)
    assert posts[-1] == 202
    assert set(posts[:-1]) == {429}
    assert len(await desk.texts(phone)) == 1


async def test_a_broken_provider_is_asked_again(desk: Desk) -> None:
    phone = bodies.phone()
    await desk.switch(phone, "500")
    _, event = await invited(desk, phone=phone)

    async def look() -> None:
        told = await desk.told(event_id=event["id"])
        assert [item["attempts"] >= 2 for item in told] == [True], told

    await eventually(look)
    await desk.switch(phone, "deliver")
    item = await the_text(desk, event, "delivered")
    assert (await answers(desk, item)).count(202) == 1


async def test_an_answer_that_never_comes_is_a_doubt_that_the_receipt_settles(desk: Desk) -> None:
    phone = bodies.phone()
    await desk.switch(phone, "slow", seconds=4)  # we wait 2
    _, event = await invited(desk, phone=phone)
    doubt = await the_text(desk, event, "unknown")
    assert "no answer" in doubt["reason"]
    assert doubt["settled_at"] is None
    assert await desk.texts(phone) == []

    item = await the_text(desk, event, "delivered")
    assert item["attempts"] == 1
    assert item["settled_at"] is not None
    assert await answers(desk, item) == [202]
    assert len(await desk.texts(phone)) == 1


async def test_a_receipt_that_overtakes_our_own_record_settles_it_for_good(desk: Desk) -> None:
    phone = bodies.phone()
    await desk.switch(phone, "time_out", seconds=30)
    _, event = await invited(desk, phone=phone)
    early = await the_text(desk, event, "delivered", seconds=1.9)
    await asyncio.sleep(2.5)  # our call has timed out by now
    [late] = await desk.told(event_id=event["id"])
    assert (late["status"], late["attempts"]) == ("delivered", 1)
    assert late["settled_at"] == early["settled_at"]
    assert await answers(desk, late) == [202]


async def test_a_courier_that_dies_in_mid_call_leaves_a_doubt_and_never_a_second_text(
    desk: Desk,
) -> None:
    phone = bodies.phone()
    await desk.switch(phone, "slow", seconds=25)
    _, event = await invited(desk, phone=phone)
    await the_text(desk, event, "sending")
    await desk.system.kill9("notifications")
    await desk.system.restart("notifications")

    doubt = await the_text(desk, event, "unknown")
    assert "died" in doubt["reason"]
    item = await the_text(desk, event, "delivered", seconds=40)
    assert item["attempts"] == 1
    assert await answers(desk, item) == [202]


async def test_a_text_that_was_accepted_but_not_delivered_is_failed(desk: Desk) -> None:
    phone = bodies.phone()
    await desk.switch(phone, "fail_on_delivery")
    _, event = await invited(desk, phone=phone)
    item = await the_text(desk, event, "failed")
    assert item["reason"] == "the phone could not be reached"
    assert item["sent_at"] is not None


async def test_a_mailbox_that_refuses_is_failed_and_one_that_is_busy_is_asked_again(
    desk: Desk,
) -> None:
    refusing, busy = bodies.email(), bodies.email()
    await desk.switch(refusing, "fail")
    await desk.switch(busy, "429")
    _, one = await invited(desk, phone=None, email=refusing)
    _, other = await invited(desk, phone=None, email=busy)
    assert (await the_text(desk, one, "failed"))["attempts"] == 1
    await the_text(desk, other, "pending")
    await desk.switch(busy, "deliver")
    await the_text(desk, other, "sent")
    assert len(await desk.received(busy, 1)) == 1


async def test_a_provider_that_is_gone_is_waited_for(desk: Desk) -> None:
    await desk.system.stop("handset")
    try:
        _, event = await invited(desk, phone=(phone := bodies.phone()))

        async def look() -> None:
            told = await desk.told(event_id=event["id"])
            seen = [(item["status"], item["attempts"] > 0) for item in told]
            assert seen == [("pending", True)], told
            assert "not connected" in told[0]["reason"]

        await eventually(look)
    finally:
        await desk.system.restart("handset")
    await the_text(desk, event, "delivered")
    assert len(await desk.texts(phone)) == 1


async def test_a_forged_receipt_is_refused_and_changes_nothing(desk: Desk) -> None:
    _, event = await invited(desk)
    item = await the_text(desk, event, "delivered")
    body = {"id": item["id"], "reference": "r", "status": "failed", "at": item["created_at"]}
    for headers in ({}, {"X-Signature": "sha256=00"}):
        answer = await desk.notifications.post("/v1/receipts/handset", json=body, headers=headers)
        assert answer.status_code == 401
    assert (await the_text(desk, event, "delivered")) == item
