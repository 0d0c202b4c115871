"""Check-ins over HTTP: once a nonce, once a person."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from tests.integration.registration.hearing import (
    Told,
    blocked,
    cancel_event,
    enrol,
    known,
    publish_event,
    refused,
    wrong_fields,
)
from tests.system import System


def arrival(enrolment: dict[str, Any], *persons: int, **other: Any) -> dict[str, Any]:
    return {
        "ticket": enrolment["ticket"],
        "person_ids": [enrolment["person_ids"][number] for number in persons],
        "nonce": uuid4().hex,
        "at": datetime.now(UTC).isoformat(),
        **other,
    }


async def test_the_same_nonce_changes_nothing_also_at_the_same_time(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    event_id = await publish_event(alone, registrar)
    enrolment = await enrol(registrar, event_id, 3)
    body = arrival(enrolment, 0, 1)
    async with alone.database() as database:
        held = database.transaction()
        await held.start()
        query = "SELECT FROM registration.enrolments WHERE ticket = $1 FOR UPDATE"
        await database.execute(query, enrolment["ticket"])
        calls = asyncio.gather(*(registrar.post("/v1/check-ins", json=body) for _ in range(6)))
        await blocked(alone, 6)
        await held.rollback()
    answers = await calls
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert answers[0].json()["attended"] == body["person_ids"]
    again = await registrar.post("/v1/check-ins", json=arrival(enrolment, 0, 1, nonce="x" * 8))
    assert (again.status_code, again.json()["attended"]) == (201, body["person_ids"])
    last = await registrar.post("/v1/check-ins", json=arrival(enrolment, 1, 2))
    assert last.json()["attended"] == enrolment["person_ids"]
    await known(registrar, event_id, confirmed=3, attended=3)
    heard = (await told.of(enrolment["id"], 3))[1:]
    assert [(name, version, data["person_ids"]) for name, version, data in heard] == [
        ("attendance_recorded", 2, enrolment["person_ids"][:2]),
        ("attendance_recorded", 3, enrolment["person_ids"][2:]),
    ]


async def test_a_ticket_is_read_as_people_type_it(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    enrolment = await enrol(registrar, await publish_event(alone, registrar), 1)
    ticket = enrolment["ticket"].lower().replace("0", "o").replace("1", "l")
    typed = f"{ticket[:5]}-{ticket[5:]} "
    answer = await registrar.post("/v1/check-ins", json=arrival(enrolment, 0, ticket=typed))
    assert answer.status_code == 201


async def test_who_has_no_seat_is_refused(registrar: httpx.AsyncClient, alone: System) -> None:
    event_id = await publish_event(alone, registrar, capacity=2)
    seated = await enrol(registrar, event_id, 2)
    waiting = await enrol(registrar, event_id, 1)

    async def asked(enrolment: dict[str, Any], *persons: int, **other: Any) -> httpx.Response:
        return await registrar.post("/v1/check-ins", json=arrival(enrolment, *persons, **other))

    refused(await asked(seated, 0, ticket="NOBODY"), 404, "not-found")
    refused(await asked(waiting, 0), 409, "enrolment-waitlisted")
    stranger = [seated["person_ids"][0], waiting["person_ids"][0]]
    assert wrong_fields(await asked(seated, person_ids=stranger)) == ["person_ids.1"]
    assert wrong_fields(await asked(seated, 0, nonce="")) == ["nonce"]
    for at in ("2026-12-01T10:00:00", "1999-01-01T00:00:00Z", 1_700_000_000):
        assert wrong_fields(await asked(seated, 0, at=at)) == ["at"]
    made = arrival(seated, 0)
    assert (await registrar.post("/v1/check-ins", json=made)).status_code == 201
    await registrar.post(f"/v1/enrolments/{seated['id']}/cancel")
    refused(await asked(seated, 1), 409, "enrolment-cancelled")
    assert (await registrar.post("/v1/check-ins", json=made)).status_code == 200
    refused(await asked(waiting, 0, nonce=made["nonce"]), 409, "nonce-used")
    await cancel_event(alone, event_id, 2)
    await known(registrar, event_id, confirmed=0)
    refused(await asked(waiting, 0), 409, "event-cancelled")
