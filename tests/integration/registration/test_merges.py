"""What was registered twice is made one, with all that pointed to it, and two again."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.registration.hearing import (
    Told,
    known,
    publish_event,
    refused,
    wrong_fields,
)
from tests.integration.registration.test_family_changes import enrol, ids, registered
from tests.support.bodies import family, household, person, place
from tests.system import System

Body = dict[str, Any]


async def twice(registrar: httpx.AsyncClient, size: int = 2) -> tuple[Body, Body]:
    """Register one household twice: the second time without FINs, and spelled otherwise."""
    at = place()
    first = await registered(registrar, household(at, size))
    body = household(at, size)
    for member, known_as in zip(body["members"], first["members"], strict=True):
        member.update(fin=None, family_name="Gasanov", given_name=known_as["given_name"])
    return first, await registered(registrar, body)


def merging(kept: Body, merged: Body, **other: Any) -> Body:
    pairs = [
        {"kept_person_id": one, "merged_person_id": two}
        for one, two in zip(ids(kept), ids(merged), strict=False)
    ]
    return {
        "kept_family_id": kept["id"],
        "kept_version": kept["version"],
        "merged_family_id": merged["id"],
        "merged_version": merged["version"],
        "pairs": pairs,
        "reason": "Eyni ailə iki dəfə yazılıb",
        **other,
    }


async def merge(registrar: httpx.AsyncClient, body: Body) -> Body:
    answer = await registrar.post("/v1/merges", json=body)
    assert answer.status_code == 201, answer.text
    made: Body = answer.json()
    assert answer.headers["Location"] == f"/v1/merges/{made['id']}"
    return made


async def undo(registrar: httpx.AsyncClient, made: Body) -> httpx.Response:
    return await registrar.post(f"/v1/merges/{made['id']}/undo", json={"reason": "Səhv idi"})


async def read(registrar: httpx.AsyncClient, of: Body) -> Body:
    read: Body = (await registrar.get(f"/v1/families/{of['id']}")).json()
    return read


def people(of: Body) -> list[Body]:
    return [{name: value for name, value in each.items() if name != "id"} for each in of["members"]]


async def test_two_registrations_become_one_field_by_field_and_two_again(
    registrar: httpx.AsyncClient, told: Told
) -> None:
    kept, merged = await twice(registrar)
    body = merging(kept, merged, family_fields={"residence": "merged"})
    body["pairs"][0]["fields"] = {"phone": "merged", "family_name": "kept"}
    made = await merge(registrar, body)
    one = await read(registrar, kept)
    assert ids(one) == ids(kept)
    assert one["members"][0]["phone"] == merged["members"][0]["phone"]
    assert one["members"][0]["family_name"] == "Həsənov"
    assert one["residence"] == merged["residence"]
    closed = await read(registrar, merged)
    assert (closed["members"], closed["successor_id"]) == ([], kept["id"])
    found = await registrar.get("/v1/families", params={"origin": kept["origin"]["district"]})
    assert [each["id"] for each in found.json()["items"] if each["id"] == merged["id"]] == []
    gone = await told.of(ids(merged)[0], 2)
    assert [(name, version) for name, version, _ in gone] == [
        ("contact_changed", 1),
        ("contact_erased", 2),
    ]
    [(name, _, data)] = await told.of(made["id"], 1)
    assert (name, data["family_closed"]) == ("persons_merged", True)
    assert {"kept_person_id": ids(kept)[0], "merged_person_id": ids(merged)[0]} in data["persons"]

    undone = await undo(registrar, made)
    assert undone.status_code == 200, undone.text
    assert undone.json()["undo_reason"] == "Səhv idi"
    first, second = await read(registrar, kept), await read(registrar, merged)
    assert (people(first), first["residence"]) == (people(kept), kept["residence"])
    assert (ids(second), people(second)) == (ids(merged), people(merged))
    assert second["successor_id"] is None
    back = await told.of(ids(merged)[0], 3)
    assert (back[2][0], back[2][1]) == ("contact_changed", 3)
    assert (await told.of(made["id"], 2))[1][0] == "persons_unmerged"
    refused(await undo(registrar, made), 409, "already-undone")


async def test_a_fin_goes_over_and_comes_back(registrar: httpx.AsyncClient) -> None:
    at = place()
    kept = await registered(registrar, family(at, person(fin=None)))
    merged = await registered(registrar, family(at, person()))
    body = merging(kept, merged)
    body["pairs"][0]["fields"] = {"fin": "merged"}
    made = await merge(registrar, body)
    assert (await read(registrar, kept))["members"][0]["fin"] == merged["members"][0]["fin"]
    assert (await undo(registrar, made)).status_code == 200
    assert (await read(registrar, kept))["members"][0]["fin"] is None
    assert people(await read(registrar, merged)) == people(merged)


async def test_what_changed_since_the_merge_stays_as_it_was_changed(
    registrar: httpx.AsyncClient,
) -> None:
    kept, merged = await twice(registrar)
    body = merging(kept, merged)
    body["pairs"][0]["fields"] = {"family_name": "merged", "phone": "merged"}
    made = await merge(registrar, body)
    one = await read(registrar, kept)
    one["members"][0]["phone"] = "+994501112233"
    answer = await registrar.patch(
        f"/v1/families/{kept['id']}",
        json={"members": one["members"]},
        headers={"If-Match": f'"{one["version"]}"'},
    )
    assert answer.status_code == 200, answer.text
    assert (await undo(registrar, made)).status_code == 200
    head = (await read(registrar, kept))["members"][0]
    assert (head["family_name"], head["phone"]) == ("Həsənov", "+994501112233")


async def test_seats_of_both_become_seats_of_one_and_nobody_is_counted_twice(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    event = await publish_event(alone, registrar, capacity=4)
    kept, merged = await twice(registrar)
    first = await enrol(registrar, event, kept, ids(kept)[0])
    second = await enrol(registrar, event, merged)
    waits = await enrol(registrar, event, await registered(registrar, household(place(), 2)))
    assert [each["status"] for each in (first, second, waits)] == [
        "confirmed",
        "confirmed",
        "waitlisted",
    ]
    made = await merge(registrar, merging(kept, merged))
    await known(registrar, event, confirmed=4, waitlisted=0)
    one = (await registrar.get(f"/v1/enrolments/{first['id']}")).json()
    assert (sorted(one["person_ids"]), one["status"]) == (sorted(ids(kept)), "confirmed")
    other = (await registrar.get(f"/v1/enrolments/{second['id']}")).json()
    assert (other["status"], other["family_id"]) == ("cancelled", kept["id"])
    assert (await told.of(first["id"], 2))[1][0] == "enrolment_changed"

    assert (await undo(registrar, made)).status_code == 200
    one = (await registrar.get(f"/v1/enrolments/{first['id']}")).json()
    other = (await registrar.get(f"/v1/enrolments/{second['id']}")).json()
    assert (one["person_ids"], other["person_ids"]) == ([ids(kept)[0]], ids(merged))
    # The seats went to whoever waited meanwhile, so the second family waits now.
    assert (one["status"], other["status"]) == ("confirmed", "waitlisted")
    await known(registrar, event, confirmed=3, waitlisted=2)


async def test_who_was_there_stays_proven(registrar: httpx.AsyncClient, alone: System) -> None:
    event, other_event = [await publish_event(alone, registrar) for _ in range(2)]
    kept, merged = await twice(registrar)
    tickets = [await enrol(registrar, event, each) for each in (kept, merged)]
    alone_there = await enrol(registrar, other_event, merged)
    for made in (*tickets, alone_there):
        body = {
            "ticket": made["ticket"],
            "person_ids": made["person_ids"][:1],
            "nonce": uuid4().hex,
            "at": "2026-11-25T10:00:00+04:00",
        }
        answer = await registrar.post("/v1/check-ins", json=body)
        assert answer.status_code == 201, answer.text

    async def attended() -> set[tuple[str, str]]:
        async with alone.database() as database:
            rows = await database.fetch(
                "SELECT event_id, person_id FROM registration.attendance WHERE event_id = ANY($1)",
                [event, other_event],
            )
        return {(str(row["event_id"]), str(row["person_id"])) for row in rows}

    before = await attended()
    made = await merge(registrar, merging(kept, merged))
    head = ids(kept)[0]
    assert await attended() == {(str(event), head), (str(other_event), head)}
    assert (await undo(registrar, made)).status_code == 200
    assert await attended() == before


async def test_one_person_of_two_families_is_merged_and_the_families_stay(
    registrar: httpx.AsyncClient,
) -> None:
    kept, merged = await twice(registrar, 3)
    daughter, again = ids(kept)[1], ids(merged)[2]
    body = merging(kept, merged, scope="persons")
    body["pairs"] = [{"kept_person_id": daughter, "merged_person_id": again}]
    made = await merge(registrar, body)
    assert ids(await read(registrar, merged)) == ids(merged)[:2]
    assert ids(await read(registrar, kept)) == ids(kept)
    assert (await undo(registrar, made)).status_code == 200
    assert ids(await read(registrar, merged)) == ids(merged)


async def test_one_person_twice_in_one_family(registrar: httpx.AsyncClient) -> None:
    kept = await registered(registrar, household(place(), 3))
    body = merging(kept, kept, scope="persons")
    body["pairs"] = [{"kept_person_id": ids(kept)[0], "merged_person_id": ids(kept)[2]}]
    made = await merge(registrar, body)
    assert ids(await read(registrar, kept)) == ids(kept)[:2]
    assert (await undo(registrar, made)).status_code == 200
    assert ids(await read(registrar, kept)) == ids(kept)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": None}, "reason"),
        ({"reason": "  "}, "reason"),
        ({"pairs": [{"kept_person_id": str(uuid4()), "merged_person_id": str(uuid4())}]}, "pairs"),
        ({"pairs": []}, "relations"),
        ({"scope": "persons", "pairs": []}, "pairs"),
        ({"scope": "persons"}, "scope"),
        ({"relations": {str(uuid4()): "child"}}, "relations"),
    ],
)
async def test_what_cannot_be_merged_names_the_field_and_changes_nothing(
    registrar: httpx.AsyncClient, change: Body, field: str
) -> None:
    kept, merged = await twice(registrar)
    answer = await registrar.post("/v1/merges", json=merging(kept, merged, **change))
    assert wrong_fields(answer)[0].split(".")[0] == field
    assert await read(registrar, kept) == kept
    assert await read(registrar, merged) == merged


async def test_a_desk_that_saw_something_older_merges_nothing(
    registrar: httpx.AsyncClient,
) -> None:
    kept, merged = await twice(registrar)
    body = merging(kept, merged, merged_version=7)
    refused(await registrar.post("/v1/merges", json=body), 412, "stale")


async def test_every_column_that_names_people_is_merged_or_left_alone_with_a_reason(
    alone: System,
) -> None:
    from services.registration.merges.pointers import LEFT_ALONE, ONE_FAMILY, ONE_PERSON
    from services.registration.merges.pointers import PERSON_LISTS as LISTS

    named = {(table.name, column) for table, column in (*LISTS, *ONE_PERSON, *ONE_FAMILY)}
    async with alone.database() as database:
        rows = await database.fetch(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'registration' AND udt_name IN ('uuid', '_uuid') "
            "AND column_name ~ '(person|persons|family|families|attended)'"
        )
    found = {(row["table_name"], row["column_name"]) for row in rows}
    assert found == named | LEFT_ALONE.keys()
    assert all(LEFT_ALONE.values())
