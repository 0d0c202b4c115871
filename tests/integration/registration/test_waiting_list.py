"""The waiting list over HTTP: rules, offers, decisions, caps and what staff may decide."""

import asyncio
from typing import Any
from uuid import UUID

import httpx

from shared.contracts.events import EventCompleted, EventUpdated, Seating
from tests.integration.registration.hearing import (
    Told,
    enrol,
    facts,
    known,
    publish_event,
    refused,
    say,
)
from tests.support.waiting import eventually
from tests.system import System

STRICT = Seating(rule="strict_order", offer_hours=None, district_caps={})
OFFERS = Seating(rule="best_fit", offer_hours=24, district_caps={})


async def cancel(registrar: httpx.AsyncClient, enrolment: dict[str, Any]) -> None:
    answer = await registrar.post(f"/v1/enrolments/{enrolment['id']}/cancel")
    assert answer.status_code == 200, answer.text


async def read(registrar: httpx.AsyncClient, enrolment: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await registrar.get(f"/v1/enrolments/{enrolment['id']}")).json()
    return found


async def why(registrar: httpx.AsyncClient, enrolment: dict[str, Any]) -> list[tuple[str, str]]:
    """The cause and the reason of each decision, the oldest first."""
    answer = await registrar.get(f"/v1/enrolments/{enrolment['id']}/decisions")
    assert answer.status_code == 200, answer.text
    return [(each["cause"], each["reason"]) for each in reversed(answer.json()["items"])]


async def act(
    registrar: httpx.AsyncClient, enrolment: dict[str, Any], action: str, body: Any = None
) -> httpx.Response:
    return await registrar.post(f"/v1/enrolments/{enrolment['id']}/{action}", json=body)


async def end_offer_of(system: System, enrolment: dict[str, Any]) -> None:
    """Let the time of an offer be over, without waiting for it."""
    async with system.database() as database:
        await database.execute(
            "UPDATE registration.enrolments SET offer_expires_at = now() - interval '1 second' "
            "WHERE id = $1 AND offer_expires_at IS NOT NULL",
            UUID(enrolment["id"]),
        )


async def test_under_strict_order_nobody_passes_who_waits_longest(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar, capacity=4, seating=STRICT)
    seated = [await enrol(registrar, event_id, size) for size in (2, 1)]
    large, small = await enrol(registrar, event_id, 3), await enrol(registrar, event_id, 1)
    assert (small["status"], small["waiting_position"]) == ("waitlisted", 2)
    assert await why(registrar, small) == [("enrolled", "behind_in_order")]

    await cancel(registrar, seated[1])
    assert (await read(registrar, small))["status"] == "waitlisted"
    assert (await why(registrar, large))[-1] == ("enrolment_cancelled", "too_large")

    await cancel(registrar, large)
    assert (await read(registrar, small))["status"] == "confirmed"
    assert (await why(registrar, small))[1:] == [
        ("enrolment_cancelled", "behind_in_order"),
        ("enrolment_cancelled", "seated"),
    ]


async def test_freed_seats_are_offered_kept_and_accepted(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    event_id = await publish_event(alone, registrar, capacity=3, seating=OFFERS)
    seated = await enrol(registrar, event_id, 3)
    first, second = await enrol(registrar, event_id, 2), await enrol(registrar, event_id, 2)
    await cancel(registrar, seated)

    offered = await read(registrar, first)
    assert (offered["status"], offered["waiting_position"]) == ("waitlisted", 1)
    assert offered["offer"]["expires_at"] is not None
    seats = (await registrar.get(f"/v1/events/{event_id}/seats")).json()
    assert seats["offered"] == 2
    late = await enrol(registrar, event_id, 2)
    assert late["status"] == "waitlisted", "offered seats count as taken"

    refused(await act(registrar, second, "accept"), 409, "no-offer")
    accepted = await act(registrar, first, "accept")
    assert accepted.json()["status"] == "confirmed"
    assert accepted.json()["offer"] is None
    refused(await act(registrar, first, "accept"), 409, "already-seated")
    names = [name for name, _, _ in await told.of(first["id"], 3)]
    assert names == ["enrolment_waitlisted", "seats_offered", "enrolment_promoted"]
    assert (await why(registrar, first))[1:] == [
        ("enrolment_cancelled", "offered"),
        ("offer_accepted", "seated"),
    ]


async def test_an_offer_that_ends_goes_to_the_next_and_the_family_keeps_its_place(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    event_id = await publish_event(alone, registrar, capacity=2, seating=OFFERS)
    seated = await enrol(registrar, event_id, 2)
    first, second, third = [await enrol(registrar, event_id, 2) for _ in range(3)]
    await cancel(registrar, seated)
    await end_offer_of(alone, first)

    async def passed_on() -> None:
        assert (await read(registrar, second))["offer"]

    await eventually(passed_on, 15)
    missed = await read(registrar, first)
    assert (missed["offer"], missed["offer_missed"], missed["waiting_position"]) == (None, True, 1)
    name, _, data = (await told.of(first["id"], 3))[2]
    assert (name, data["reason"]) == ("offer_ended", "expired")
    assert (await why(registrar, first))[-1] == ("offer_expired", "offer_missed")

    declined = await act(registrar, second, "decline")
    assert (declined.status_code, declined.json()["offer_missed"]) == (200, True)
    assert (await act(registrar, third, "accept")).json()["status"] == "confirmed"
    await cancel(registrar, third)
    again = await read(registrar, first)
    assert again["offer"], "seats became free anew, and it kept its place"


async def test_an_offer_that_ended_cannot_be_accepted_and_a_crash_does_not_keep_it(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar, capacity=1, seating=OFFERS)
    seated = await enrol(registrar, event_id, 1)
    first, second = await enrol(registrar, event_id, 1), await enrol(registrar, event_id, 1)
    await cancel(registrar, seated)
    await alone.kill9("registration")
    await end_offer_of(alone, first)
    await alone.restart("registration")
    refused(await act(registrar, first, "accept"), 409, "no-offer")

    async def passed_on() -> None:
        assert (await read(registrar, second))["offer"]

    await eventually(passed_on, 15)


async def test_when_enrolment_closes_nobody_is_asked_any_more(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    event_id = await publish_event(alone, registrar, capacity=2, closes_in=0.5, seating=OFFERS)
    seated = [await enrol(registrar, event_id, 1) for _ in range(2)]
    first, second = await enrol(registrar, event_id, 1), await enrol(registrar, event_id, 1)
    await cancel(registrar, seated[0])
    until = (await read(registrar, first))["offer"]["expires_at"]

    sooner = facts(event_id, 2, closes_in=0.02, seating=OFFERS)
    await say(alone, EventUpdated(**sooner, reason=None), event_id, 2)

    async def shortened() -> None:
        assert (await read(registrar, first))["offer"]["expires_at"] < until

    await eventually(shortened, 10)
    name, _, data = (await told.of(first["id"], 3))[2]
    assert (name, data["expires_at"] < until) == ("seats_offered", True)
    await cancel(registrar, seated[1])
    assert (await read(registrar, second))["status"] == "confirmed", "no time is left to ask"


async def test_a_district_sends_no_more_than_its_cap_and_others_pass(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    capped = Seating(rule="strict_order", offer_hours=None, district_caps={"AZ-AGM": 3})
    event_id = await publish_event(alone, registrar, capacity=10, seating=capped)
    await enrol(registrar, event_id, 2, "AZ-AGM")
    waits = await enrol(registrar, event_id, 2, "AZ-AGM")
    assert await why(registrar, waits) == [("enrolled", "district_full")]
    behind = await enrol(registrar, event_id, 1, "AZ-AGM")
    assert await why(registrar, behind) == [("enrolled", "behind_in_order")]
    assert (await enrol(registrar, event_id, 2, "AZ-LAC"))["status"] == "confirmed"
    seats = (await registrar.get(f"/v1/events/{event_id}/seats")).json()
    assert seats["districts"] == [{"district": "AZ-AGM", "cap": 3, "taken": 2, "over": 0}]

    raised = facts(event_id, 10, seating=capped.model_copy(update={"district_caps": {"AZ-AGM": 4}}))
    await say(alone, EventUpdated(**raised, reason=None), event_id, 2)
    await known(registrar, event_id, confirmed=6)
    assert (await why(registrar, waits))[-1] == ("rule_changed", "seated")
    assert (await why(registrar, behind))[-1] == ("rule_changed", "district_full")


async def test_fewer_seats_unseat_nobody_and_say_how_many_are_over(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar, capacity=4)
    seated = [await enrol(registrar, event_id, 2) for _ in range(2)]
    waits = await enrol(registrar, event_id, 1)
    await say(alone, EventUpdated(**facts(event_id, 3), reason=None), event_id, 2)
    await known(registrar, event_id, capacity=3, confirmed=4, over=1)
    assert (await why(registrar, waits))[-1] == ("capacity_lowered", "capacity_lowered")
    await cancel(registrar, seated[0])
    assert (await read(registrar, waits))["status"] == "confirmed"


async def test_staff_seat_a_family_for_a_reason_but_never_over_the_capacity(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    capped = Seating(rule="strict_order", offer_hours=None, district_caps={"AZ-AGM": 1})
    event_id = await publish_event(alone, registrar, capacity=3, seating=capped)
    await enrol(registrar, event_id, 1, "AZ-AGM")
    waits, large = [await enrol(registrar, event_id, size, "AZ-AGM") for size in (1, 3)]
    problem = refused(await act(registrar, large, "seat", {"reason": "x"}), 409, "no-free-seats")
    assert (problem["free"], problem["needed"]) == (2, 3)
    assert (await act(registrar, waits, "seat", {"reason": " "})).status_code == 422
    made = await act(registrar, waits, "seat", {"reason": "Only interpreter of the village"})
    assert made.json()["status"] == "confirmed"
    assert (await told.of(waits["id"], 2))[1][0] == "enrolment_promoted"
    assert (await why(registrar, waits))[-1] == ("staff_decision", "seated")
    refused(await act(registrar, waits, "seat", {"reason": "again"}), 409, "already-seated")
    async with alone.database() as database:
        reason = await database.fetchval(
            "SELECT reason FROM registration.audit_entries "
            "WHERE action = 'enrolment.seated' AND subject_id = $1",
            UUID(waits["id"]),
        )
    assert reason == "Only interpreter of the village"


async def test_why_is_said_in_the_language_that_is_asked_for(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar, capacity=2)
    await enrol(registrar, event_id, 1)
    waits = await enrol(registrar, event_id, 2)
    path = f"/v1/enrolments/{waits['id']}/decisions"

    async def said(language: str | None, accept: str = "") -> str:
        params = {"language": language} if language else {}
        answer = await registrar.get(path, params=params, headers={"Accept-Language": accept})
        [decision] = answer.json()["items"]
        sentence: str = decision["sentence"]
        return sentence

    assert await said(None) == (
        "Ailə qeydiyyatdan keçdi. Yer bütün ailəyə çatmadı. Boş yer: 1, lazım olan: 2."
    )
    assert await said(None, "ru-RU,ru;q=0.9") == await said("ru", "en")
    assert (await said("en")).startswith("The family enrolled. Too few seats")
    assert (await registrar.get(path, params={"language": "de"})).status_code == 422
    assert (await registrar.get(path, params={"cursor": "!"})).status_code == 422


async def test_when_the_event_is_over_offers_end_and_the_record_says_why(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    event_id = await publish_event(alone, registrar, capacity=1, seating=OFFERS)
    seated = await enrol(registrar, event_id, 1)
    first = await enrol(registrar, event_id, 1)
    await cancel(registrar, seated)
    await say(alone, EventCompleted(event_id=event_id, reason=None), event_id, 2)
    name, _, data = (await told.of(first["id"], 3))[2]
    assert (name, data["reason"]) == ("offer_ended", "withdrawn")
    assert (await why(registrar, first))[-1] == ("event_completed", "event_closed")
    refused(await act(registrar, first, "accept"), 409, "event-completed")


async def test_two_clicks_accept_once(registrar: httpx.AsyncClient, alone: System) -> None:
    event_id = await publish_event(alone, registrar, capacity=1, seating=OFFERS)
    seated = await enrol(registrar, event_id, 1)
    first = await enrol(registrar, event_id, 1)
    await cancel(registrar, seated)
    answers = await asyncio.gather(*(act(registrar, first, "accept") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
