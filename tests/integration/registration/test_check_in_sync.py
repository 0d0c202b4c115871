"""What a desk did offline, brought later: recorded once, and conflicts kept for a person."""

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
from tests.integration.registration.test_check_ins import arrival
from tests.integration.registration.test_tickets import ticket
from tests.support.desk import answered
from tests.system import System


async def sync(
    registrar: httpx.AsyncClient, *arrivals: dict[str, Any], desk: str = "", **other: Any
) -> list[dict[str, Any]]:
    body = {"desk": desk or uuid4().hex, "check_ins": list(arrivals), **other}
    items: list[dict[str, Any]] = (await answered(registrar.post("/v1/check-ins/sync", json=body)))[
        "items"
    ]
    assert [item["nonce"] for item in items] == [each["nonce"] for each in arrivals]
    return items


async def conflicts(
    registrar: httpx.AsyncClient, event_id: UUID, **query: Any
) -> list[dict[str, Any]]:
    path = f"/v1/events/{event_id}/check-in-conflicts"
    items: list[dict[str, Any]] = (await answered(registrar.get(path, params=query)))["items"]
    return items


async def test_a_batch_counts_once_however_often_it_comes(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    event_id = await publish_event(alone, registrar)
    families = [await enrol(registrar, event_id, 2) for _ in range(3)]
    token = (await ticket(registrar, families[2]))["token"]
    batch = [
        arrival(families[0], 0),
        arrival(families[0], 0, 1),
        arrival(families[1], 0, 1),
        arrival(families[2], 1, ticket=token),
    ]
    first = await sync(registrar, *batch, desk="tablet")
    assert [item["result"] for item in first] == ["recorded"] * 4
    assert [item["recorded"] for item in first] == [each["person_ids"] for each in batch]
    again = await sync(registrar, *batch, desk="tablet")
    assert [item["result"] for item in again] == ["known"] * 4
    ticked_again = await sync(registrar, arrival(families[1], 1), desk="tablet")
    assert ticked_again[0]["result"] == "known", "the same desk may tick somebody twice"
    await known(registrar, event_id, attended=5)
    heard = (await told.of(families[0]["id"], 3))[1:]
    assert [(name, version, data["person_ids"]) for name, version, data in heard] == [
        ("attendance_recorded", 2, families[0]["person_ids"][:1]),
        ("attendance_recorded", 3, families[0]["person_ids"][1:]),
    ]
    assert await conflicts(registrar, event_id) == []


async def test_who_was_seen_at_another_desk_is_a_conflict_and_the_rest_counts(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar)
    family = await enrol(registrar, event_id, 3)
    await registrar.post("/v1/check-ins", json=arrival(family, 0))
    one, other = arrival(family, 1), arrival(family, 0, 1, 2)
    await sync(registrar, one, desk="one")
    [item] = await sync(registrar, other, desk="other")
    assert (item["result"], item["reason"]) == ("conflict", "already-checked-in")
    assert item["conflicting"] == family["person_ids"][:2]
    assert item["recorded"] == family["person_ids"][2:]
    assert await sync(registrar, other, desk="other") == [item]
    [conflict] = await conflicts(registrar, event_id)
    assert conflict["id"] == item["conflict_id"]
    assert (conflict["desk"], conflict["at"][:19]) == ("other", other["at"][:19])
    await known(registrar, event_id, attended=3)


async def test_everything_that_cannot_be_recorded_waits_for_a_person_with_its_reason(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar, capacity=3)
    cancelled, replaced, seated = [await enrol(registrar, event_id, 1) for _ in range(3)]
    waiting = await enrol(registrar, event_id, 2)
    elsewhere = await enrol(registrar, await publish_event(alone, registrar), 1)
    token = (await ticket(registrar, replaced))["token"]
    path = f"/v1/enrolments/{replaced['id']}/ticket/reissue"
    await registrar.post(path, json={"reason": "Lost"})
    await registrar.post(f"/v1/enrolments/{cancelled['id']}/cancel")
    used = arrival(seated, 0)
    await registrar.post("/v1/check-ins", json=used)
    batch = [
        (arrival(cancelled, 0), "enrolment-cancelled"),
        (arrival(replaced, 0, ticket=token), "ticket-revoked"),
        (arrival(waiting, 0), "enrolment-waitlisted"),
        (arrival(elsewhere, 0), "ticket-of-another-event"),
        (arrival(seated, 0, ticket="Q1.AAAA"), "ticket-incomplete"),
        (arrival(seated, 0, ticket="NOBODY"), "ticket-unknown"),
        (arrival(seated, person_ids=waiting["person_ids"]), "not-enrolled"),
        (arrival(waiting, 0, nonce=used["nonce"]), "nonce-used"),
    ]
    arrivals = [each for each, _ in batch]
    items = await sync(registrar, *arrivals, desk="door", event_id=str(event_id))
    assert [item["reason"] for item in items] == [reason for _, reason in batch]
    assert {item["result"] for item in items} == {"conflict"}
    kept = await conflicts(registrar, event_id)
    assert [each["reason"] for each in kept] == [reason for _, reason in batch]
    await cancel_event(alone, event_id, 2)
    await known(registrar, event_id, confirmed=0)
    [late] = await sync(registrar, arrival(waiting, 0), desk="door")
    assert late["reason"] == "event-cancelled"
    assert (await conflicts(registrar, event_id, limit=1))[0]["id"] == kept[0]["id"]


async def test_a_person_settles_a_conflict_once(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    event_id = await publish_event(alone, registrar, capacity=1)
    seated, waiting = await enrol(registrar, event_id, 1), await enrol(registrar, event_id, 2)
    batch = [arrival(waiting, 0), arrival(seated, 0, ticket="NOBODY")]
    came, unknown = await sync(registrar, *batch, desk="door", event_id=str(event_id))

    async def settle(item: dict[str, Any], decision: str, **other: Any) -> httpx.Response:
        body = {"decision": decision, "reason": "She was there", **other}
        path = f"/v1/check-in-conflicts/{item['conflict_id']}/settle"
        return await registrar.post(path, json=body)

    assert wrong_fields(await settle(came, "perhaps")) == ["decision"]
    assert wrong_fields(await settle(came, "accepted", reason=" ")) == ["reason"]
    settled = await answered(settle(came, "accepted"))
    assert settled["settled"]["decision"] == "accepted"
    await known(registrar, event_id, attended=1)
    name, _, data = (await told.of(waiting["id"], 2))[1]
    assert (name, data["person_ids"]) == ("attendance_recorded", waiting["person_ids"][:1])
    refused(await settle(came, "rejected"), 409, "already-settled")
    refused(await settle(unknown, "accepted"), 409, "not-acceptable")
    assert [each["id"] for each in await conflicts(registrar, event_id, open=True)] == [
        unknown["conflict_id"]
    ]
    assert (await settle(unknown, "rejected")).status_code == 200
    assert await conflicts(registrar, event_id, open=True) == []
    [again] = await sync(registrar, batch[0], desk="door")
    assert (again["result"], again["conflict_id"]) == ("conflict", came["conflict_id"])
    missing = await registrar.post(
        f"/v1/check-in-conflicts/{uuid4()}/settle", json={"decision": "rejected", "reason": "x"}
    )
    refused(missing, 404, "not-found")


async def test_a_batch_is_bounded_and_names_no_nonce_twice(registrar: httpx.AsyncClient) -> None:
    one = {
        "ticket": "NOBODY",
        "person_ids": [str(uuid4())],
        "nonce": "twice",
        "at": datetime.now(UTC).isoformat(),
    }
    many = [{**one, "nonce": str(number)} for number in range(501)]
    for arrivals in ([], [one, one], many):
        body = {"desk": "door", "check_ins": arrivals}
        answer = await registrar.post("/v1/check-ins/sync", json=body)
        assert wrong_fields(answer) == ["check_ins"]
    body = {"desk": "door", "check_ins": [one], "event_id": str(uuid4())}
    refused(await registrar.post("/v1/check-ins/sync", json=body), 404, "not-found")
