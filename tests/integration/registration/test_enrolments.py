"""Enrolments over HTTP: seats, the waiting list, cancelling, and what events change."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx

from shared.contracts.events import EventCompleted, EventPublished, EventUpdated
from tests.integration.registration.hearing import (
    WORDS,
    Told,
    at_once,
    cancel_event,
    enrol,
    facts,
    known,
    publish_event,
    refused,
    say,
    wrong_fields,
)
from tests.support.bodies import household, place
from tests.support.waiting import eventually
from tests.system import System


async def test_a_family_is_seated_whole_or_waits_whole(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    event_id = await publish_event(alone, registrar, capacity=4)
    first = await enrol(registrar, event_id, 3)
    second = await enrol(registrar, event_id, 2)
    third = await enrol(registrar, event_id, 1)
    assert [each["status"] for each in (first, second, third)] == [
        "confirmed",
        "waitlisted",
        "confirmed",
    ]
    assert (first["waiting_position"], second["waiting_position"]) == (None, 1)
    assert len({each["ticket"] for each in (first, second, third)}) == 3
    seats = (await registrar.get(f"/v1/events/{event_id}/seats")).json()
    assert seats == {"capacity": 4, "confirmed": 4, "waitlisted": 2, "attended": 0}
    [(name, version, data)] = await told.of(second["id"], 1)
    assert (name, version, data["seats"], data["waiting_position"]) == (
        "enrolment_waitlisted",
        1,
        2,
        1,
    )


async def test_a_cancellation_promotes_in_order_whoever_fits(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    event_id = await publish_event(alone, registrar, capacity=4)
    seated = await enrol(registrar, event_id, 4)
    waiting = [await enrol(registrar, event_id, size) for size in (3, 2, 1, 1)]
    path = f"/v1/enrolments/{seated['id']}/cancel"
    cancelled = await registrar.post(path, json={"by": "staff"})
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    listed = await registrar.get(f"/v1/events/{event_id}/enrolments")
    assert [(each["status"], each["waiting_position"]) for each in listed.json()["items"]] == [
        ("cancelled", None),
        ("confirmed", None),
        ("waitlisted", 1),
        ("confirmed", None),
        ("waitlisted", 2),
    ]
    only = await registrar.get(f"/v1/events/{event_id}/enrolments", params={"status": "waitlisted"})
    assert [each["id"] for each in only.json()["items"]] == [waiting[1]["id"], waiting[3]["id"]]
    name, version, data = (await told.of(seated["id"], 2))[1]
    assert (name, version, data["by"]) == ("enrolment_cancelled", 2, "staff")
    name, version, _ = (await told.of(waiting[0]["id"], 2))[1]
    assert (name, version) == ("enrolment_promoted", 2)
    refused(await registrar.post(path), 409, "already-cancelled")


async def test_seats_never_oversell(registrar: httpx.AsyncClient, alone: System) -> None:
    event_id = await publish_event(alone, registrar, capacity=60)
    families = [
        (await registrar.post("/v1/families", json=household(place(), 1 + number % 3))).json()
        for number in range(50)
    ]
    calls = [
        registrar.post(
            "/v1/enrolments", json={"event_id": str(event_id), "family_id": family["id"]}
        )
        for family in families
        for _ in range(2)
    ]
    answers = await at_once(*calls)
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert len(made) == len(families)
    for answer in answers:
        if answer.status_code != 201:
            refused(answer, 409, "already-enrolled")
    positions = [each["waiting_position"] for each in made if each["status"] == "waitlisted"]
    assert sorted(positions) == list(range(1, len(positions) + 1))
    seats = (await registrar.get(f"/v1/events/{event_id}/seats")).json()
    assert 58 <= seats["confirmed"] <= 60


async def test_some_members_may_come(registrar: httpx.AsyncClient, alone: System) -> None:
    event_id = await publish_event(alone, registrar)
    family = (await registrar.post("/v1/families", json=household(place(), 3))).json()
    ids = [member["id"] for member in family["members"]]
    body: dict[str, Any] = {"event_id": str(event_id), "family_id": family["id"]}

    async def asked(*person_ids: str) -> httpx.Response:
        return await registrar.post("/v1/enrolments", json={**body, "person_ids": person_ids})

    assert wrong_fields(await asked()) == ["person_ids"]
    assert wrong_fields(await asked(ids[0], ids[0])) == ["person_ids"]
    assert wrong_fields(await asked(ids[0], str(uuid4()))) == ["person_ids.1"]
    made = await asked(ids[2], ids[0])
    assert made.json()["person_ids"] == [ids[0], ids[2]]
    problem = refused(await asked(ids[1]), 409, "already-enrolled")
    assert problem["enrolment_id"] == made.json()["id"]
    read = await registrar.get(f"/v1/enrolments/{made.json()['id']}")
    assert read.json() == made.json()


async def test_who_cannot_enrol_is_told_why(registrar: httpx.AsyncClient, alone: System) -> None:
    family = (await registrar.post("/v1/families", json=household(place(), 1))).json()

    async def asked(event_id: UUID, family_id: str = family["id"]) -> httpx.Response:
        body = {"event_id": str(event_id), "family_id": family_id}
        return await registrar.post("/v1/enrolments", json=body)

    refused(await asked(uuid4()), 404, "not-found")
    closed = await publish_event(alone, registrar, capacity=1, closes_in=-0.5)
    refused(await asked(closed), 409, "enrolment-closed")
    open_ = await publish_event(alone, registrar, capacity=1)
    refused(await asked(open_, str(uuid4())), 404, "not-found")
    await say(alone, EventCompleted(event_id=open_, reason=None), open_, 2)

    async def over() -> None:
        refused(await asked(open_), 409, "event-completed")

    await eventually(over, 10)


async def test_a_cancelled_event_cancels_its_enrolments(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    event_id = await publish_event(alone, registrar, capacity=2)
    made = [await enrol(registrar, event_id, 2) for _ in range(2)]
    await cancel_event(alone, event_id, 2)
    await known(registrar, event_id, confirmed=0, waitlisted=0)
    for each in made:
        name, version, data = (await told.of(each["id"], 2))[1]
        assert (name, version, data["by"]) == ("enrolment_cancelled", 2, "event")


async def test_a_cancellation_that_overtakes_its_event_is_not_lost(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = uuid4()
    await cancel_event(alone, event_id, 2)
    await known(registrar, event_id, capacity=0)
    await say(alone, EventPublished(**facts(event_id)), event_id, 1)
    later = await publish_event(alone, registrar)
    assert later != event_id
    family = (await registrar.post("/v1/families", json=household(place(), 1))).json()
    body = {"event_id": str(event_id), "family_id": family["id"]}
    refused(await registrar.post("/v1/enrolments", json=body), 409, "event-cancelled")


async def test_more_seats_promote_and_an_older_message_changes_nothing(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    event_id = await publish_event(alone, registrar, capacity=1)
    waiting = await enrol(registrar, event_id, 2)
    update = EventUpdated(**facts(event_id, 2), reason=WORDS)
    await say(alone, update, event_id, 3)
    await known(registrar, event_id, capacity=2, confirmed=2)
    name, version, _ = (await told.of(waiting["id"], 2))[1]
    assert (name, version) == ("enrolment_promoted", 2)
    for stale in (2, 3):
        await say(alone, EventUpdated(**facts(event_id, 9), reason=None), event_id, stale)
    await cancel_event(alone, event_id, 3)
    await publish_event(alone, registrar)
    await asyncio.sleep(0.2)
    await known(registrar, event_id, capacity=2, confirmed=2)


async def test_a_repeated_call_enrols_once(registrar: httpx.AsyncClient, alone: System) -> None:
    event_id = await publish_event(alone, registrar)
    family = (await registrar.post("/v1/families", json=household(place(), 1))).json()
    body = {"event_id": str(event_id), "family_id": family["id"]}
    once = {"Idempotency-Key": str(uuid4())}
    first = await registrar.post("/v1/enrolments", json=body, headers=once)
    second = await registrar.post("/v1/enrolments", json=body, headers=once)
    assert second.json() == first.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Location"] == first.headers["Location"]


async def test_seats_and_lists_are_read_by_their_roles(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar)
    may = {
        "seats": {"registrar", "organiser", "auditor", "operator"},
        "enrolments": {"registrar", "organiser", "auditor"},
    }
    for what, roles in may.items():
        for role in ("registrar", "organiser", "auditor", "operator", "system"):
            client = alone.client("registration", role)
            answer = await client.get(f"/v1/events/{event_id}/{what}")
            assert answer.status_code == (200 if role in roles else 403)
        assert (await registrar.get(f"/v1/events/{uuid4()}/{what}")).status_code == 404
