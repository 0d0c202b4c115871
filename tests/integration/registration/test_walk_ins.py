"""Who comes without an enrolment: registered, seated and checked in, all of it or nothing."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.integration.registration.hearing import (
    Told,
    cancel_event,
    enrol,
    known,
    publish_event,
    refused,
    wrong_fields,
)
from tests.support.bodies import household, person, place
from tests.system import System


def walk_in(**other: Any) -> dict[str, Any]:
    return {"nonce": uuid4().hex, "at": datetime.now(UTC).isoformat(), **other}


async def come(
    registrar: httpx.AsyncClient, event_id: UUID, body: dict[str, Any]
) -> httpx.Response:
    return await registrar.post(f"/v1/events/{event_id}/walk-ins", json=body)


async def test_a_new_family_is_registered_seated_and_checked_in_once(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    event_id = await publish_event(alone, registrar, capacity=3, closes_in=-1)
    body = walk_in(family=household(place(), 2), reason="Came along with neighbours")
    answer = await come(registrar, event_id, body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["enrolment"]["status"] == "confirmed"
    assert made["check_in"]["attended"] == made["enrolment"]["person_ids"]
    again = await come(registrar, event_id, body)
    assert (again.status_code, again.json()["family_id"]) == (200, made["family_id"])
    await known(registrar, event_id, confirmed=2, attended=2)
    heard = await told.of(made["enrolment"]["id"], 2)
    assert [name for name, _, _ in heard] == ["enrolment_confirmed", "attendance_recorded"]
    elsewhere = await publish_event(alone, registrar)
    refused(await come(registrar, elsewhere, body), 409, "nonce-used")


async def test_who_does_not_fit_is_refused_and_leaves_nothing_behind(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar, capacity=3)
    await enrol(registrar, event_id, 2)
    newcomer = household(place(), 2)
    problem = refused(
        await come(registrar, event_id, walk_in(family=newcomer)), 409, "no-seats-left"
    )
    assert problem["seats_left"] == 1
    await known(registrar, event_id, confirmed=2, waitlisted=0, attended=0)
    again = await registrar.post("/v1/families", json=newcomer)
    assert again.status_code == 201, "the family was not registered by the refused walk-in"
    some = walk_in(family_id=again.json()["id"], person_ids=[again.json()["members"][1]["id"]])
    assert (await come(registrar, event_id, some)).status_code == 201
    await known(registrar, event_id, confirmed=3, attended=1)


async def test_walk_ins_at_once_never_oversell(registrar: httpx.AsyncClient, alone: System) -> None:
    event_id = await publish_event(alone, registrar, capacity=5)
    families = [walk_in(family=household(place(), 2)) for _ in range(8)]
    answers = await asyncio.gather(*(come(registrar, event_id, each) for each in families))
    assert sorted(each.status_code for each in answers) == [201] * 2 + [409] * 6
    await known(registrar, event_id, confirmed=4, attended=4)


async def test_who_is_enrolled_is_checked_in_and_who_waits_is_not(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar, capacity=2)
    seated, waiting = await enrol(registrar, event_id, 2), await enrol(registrar, event_id, 1)
    answer = await come(registrar, event_id, walk_in(family_id=seated["family_id"]))
    assert answer.json()["enrolment"]["id"] == seated["id"]
    assert answer.json()["check_in"]["attended"] == seated["person_ids"]
    late = await come(registrar, event_id, walk_in(family_id=waiting["family_id"]))
    refused(late, 409, "enrolment-waitlisted")


async def test_wrong_walk_ins_are_refused(registrar: httpx.AsyncClient, alone: System) -> None:
    event_id = await publish_event(alone, registrar)
    new = household(place(), 1)
    for body in (
        walk_in(),
        walk_in(family=new, family_id=str(uuid4())),
        walk_in(family=new, person_ids=[str(uuid4())]),
    ):
        assert wrong_fields(await come(registrar, event_id, body)) == ["body"]
    wrong = walk_in(family={**new, "members": [person(fin="O000000")]})
    assert wrong_fields(await come(registrar, event_id, wrong)) == ["family.members.0.fin"]
    nobody = walk_in(family_id=str(uuid4()))
    refused(await come(registrar, event_id, nobody), 404, "not-found")
    refused(await come(registrar, uuid4(), walk_in(family=new)), 404, "not-found")
    erased = (await registrar.post("/v1/families", json=household(place(), 1))).json()
    erasure = {"family_id": erased["id"], "reason": "x", "basis": "court_decision"}
    assert (await registrar.post("/v1/erasures", json=erasure)).status_code in {200, 201, 202}
    nobody_left = walk_in(family_id=erased["id"])
    refused(await come(registrar, event_id, nobody_left), 404, "not-found")
    await cancel_event(alone, event_id, 2)
    await asyncio.sleep(0.5)
    refused(await come(registrar, event_id, walk_in(family=new)), 409, "event-cancelled")
