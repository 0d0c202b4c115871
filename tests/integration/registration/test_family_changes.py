"""What happens to a family in life, what is kept of it and who is told."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.integration.registration.hearing import (
    Told,
    known,
    publish_event,
    refused,
    wrong_fields,
)
from tests.support.bodies import family, household, person, place
from tests.system import System

Body = dict[str, Any]


async def registered(registrar: httpx.AsyncClient, body: Body) -> Body:
    answer = await registrar.post("/v1/families", json=body)
    assert answer.status_code == 201, answer.text
    made: Body = answer.json()
    return made


async def happened(
    registrar: httpx.AsyncClient, before: Body, what: str, **body: Any
) -> httpx.Response:
    return await registrar.post(
        f"/v1/families/{before['id']}/{what}",
        json=body,
        headers={"If-Match": f'"{before["version"]}"'},
    )


async def done(registrar: httpx.AsyncClient, before: Body, what: str, **body: Any) -> Body:
    answer = await happened(registrar, before, what, **body)
    assert answer.status_code == 200, answer.text
    after: Body = answer.json()
    return after


def ids(of: Body) -> list[str]:
    return [member["id"] for member in of["members"]]


async def enrol(registrar: httpx.AsyncClient, event: Any, of: Body, *persons: str) -> Body:
    body: Body = {"event_id": str(event), "family_id": of["id"]}
    if persons:
        body["person_ids"] = list(persons)
    answer = await registrar.post("/v1/enrolments", json=body)
    assert answer.status_code == 201, answer.text
    made: Body = answer.json()
    return made


async def test_a_child_is_born(registrar: httpx.AsyncClient, told: Told) -> None:
    before = await registered(registrar, household(place(), 2))
    child = person(given_name="Ay", birth_date="2026-11-20", fin=None, phone=None, relation="child")
    after = await done(registrar, before, "births", member=child, reason="Doğum haqqında 12")
    assert after["version"] == 2
    assert after["members"][2]["given_name"] == "Ay"
    assert (await told.of(after["members"][2]["id"], 1))[0][0] == "contact_changed"
    head = {**child, "relation": "head"}
    assert wrong_fields(await happened(registrar, after, "births", member=head)) == [
        "member.relation"
    ]


async def test_who_died_leaves_and_the_seat_is_free_for_who_waits(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    event = await publish_event(alone, registrar, capacity=3)
    before = await registered(registrar, household(place(), 3))
    mine = await enrol(registrar, event, before)
    waits = await enrol(registrar, event, await registered(registrar, household(place(), 1)))
    assert (mine["status"], waits["status"]) == ("confirmed", "waitlisted")
    head, spouse, child = ids(before)
    after = await done(
        registrar, before, "deaths", person_id=head, died_on="2026-11-01", head_id=spouse
    )
    assert ids(after) == [spouse, child]
    assert [each["relation"] for each in after["members"]] == ["head", "sibling"]
    await known(registrar, event, confirmed=3, waitlisted=0)
    enrolment = (await registrar.get(f"/v1/enrolments/{mine['id']}")).json()
    assert (enrolment["person_ids"], enrolment["seats"]) == ([spouse, child], 2)
    assert enrolment["ticket"] == mine["ticket"]
    assert [each[0] for each in await told.of(head, 2)] == ["contact_changed", "contact_erased"]
    [_, (name, version, data)] = await told.of(mine["id"], 2)
    assert (name, version, data["seats"]) == ("enrolment_changed", 2, 2)
    assert [each[0] for each in await told.of(waits["id"], 2)] == [
        "enrolment_waitlisted",
        "enrolment_promoted",
    ]


async def test_who_dies_while_the_family_enrols_keeps_no_seat(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar)
    family_ = await registered(registrar, household(place(), 3))
    gone = ids(family_)[2]
    async with alone.database() as database, database.transaction():
        # The enrolment has chosen its persons, and waits here to write them.
        await database.execute("LOCK TABLE registration.enrolments IN SHARE MODE")
        enrolling = asyncio.create_task(enrol(registrar, event_id, family_))
        await asyncio.sleep(1)
        dying = asyncio.create_task(
            happened(registrar, family_, "deaths", person_id=gone, died_on="2026-11-01")
        )
        await asyncio.sleep(1)
    enrolment, died = await enrolling, await dying
    assert died.status_code == 200, died.text
    now = (await registrar.get(f"/v1/enrolments/{enrolment['id']}")).json()
    assert now["person_ids"] == ids(family_)[:2]


async def test_a_family_that_went_into_another_is_not_enrolled(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar)
    one, other = [await registered(registrar, household(place(), 1)) for _ in range(2)]
    relations = {ids(other)[0]: "other"}
    await done(registrar, one, "join", other_family_id=other["id"], relations=relations)
    body = {"event_id": str(event_id), "family_id": other["id"]}
    answer = await registrar.post("/v1/enrolments", json=body)
    assert refused(answer, 409, "family-closed")["successor_id"] == one["id"]


async def test_who_was_enrolled_alone_and_died_gives_up_the_enrolment(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event = await publish_event(alone, registrar)
    before = await registered(registrar, household(place(), 2))
    child = ids(before)[1]
    mine = await enrol(registrar, event, before, child)
    await done(registrar, before, "deaths", person_id=child, died_on="2026-11-01")
    after = (await registrar.get(f"/v1/enrolments/{mine['id']}")).json()
    assert (after["status"], after["cancelled_by"]) == ("cancelled", "staff")


async def test_who_is_taken_off_the_list_gives_up_the_seat(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event = await publish_event(alone, registrar)
    before = await registered(registrar, household(place(), 3))
    mine = await enrol(registrar, event, before)
    answer = await registrar.patch(
        f"/v1/families/{before['id']}",
        json={"members": before["members"][:2]},
        headers={"If-Match": '"1"'},
    )
    assert answer.status_code == 200, answer.text
    after = (await registrar.get(f"/v1/enrolments/{mine['id']}")).json()
    assert (after["status"], after["person_ids"]) == ("confirmed", ids(before)[:2])


async def test_a_head_who_died_needs_a_successor(registrar: httpx.AsyncClient) -> None:
    before = await registered(registrar, household(place(), 2))
    head = ids(before)[0]
    died = {"person_id": head, "died_on": "2026-11-01"}
    assert wrong_fields(await happened(registrar, before, "deaths", **died)) == ["head_id"]
    later = {"person_id": head, "died_on": "2999-01-01"}
    assert wrong_fields(await happened(registrar, before, "deaths", **later)) == ["died_on"]


async def test_some_members_form_a_family_of_their_own_under_the_same_ids(
    registrar: httpx.AsyncClient, told: Told
) -> None:
    before = await registered(registrar, household(place(), 4))
    staying, leaving = ids(before)[:2], ids(before)[2:]
    home = {"district": "AZ-AGM", "settlement": "Ağdam", "address": None}
    both = await done(
        registrar,
        before,
        "split",
        person_ids=leaving,
        head_id=leaving[1],
        residence=home,
        split_on="2026-11-02",
        reason="Nikah",
    )
    after, new = both["family"], both["new_family"]
    assert (ids(after), ids(new)) == (staying, leaving)
    assert [each["relation"] for each in new["members"]] == ["sibling", "head"]
    assert (new["residence"], new["origin"]) == (home, before["origin"])
    assert (await told.of(new["id"], 1))[0][0] == "family_registered"
    [_, (name, version, contact)] = await told.of(leaving[0], 2)
    assert (name, version, contact["family_id"]) == ("contact_changed", 2, new["id"])
    again = await registrar.get(f"/v1/families/{new['id']}")
    assert ids(again.json()) == leaving


async def test_two_families_become_one_and_the_other_says_where_it_went(
    registrar: httpx.AsyncClient, told: Told
) -> None:
    one = await registered(registrar, household(place(), 2))
    other = await registered(registrar, family(place(), person(given_name="Murad")))
    moved = ids(other)[0]
    joined = await done(
        registrar, one, "join", other_family_id=other["id"], relations={moved: "sibling"}
    )
    assert ids(joined) == [*ids(one), moved]
    assert joined["members"][2]["relation"] == "sibling"
    closed = (await registrar.get(f"/v1/families/{other['id']}")).json()
    assert (closed["members"], closed["successor_id"]) == ([], one["id"])
    assert (await told.of(moved, 2))[1][2]["family_id"] == one["id"]
    problem = refused(
        await happened(registrar, closed, "moves", residence=one["residence"]),
        409,
        "family-closed",
    )
    assert problem["successor_id"] == one["id"]
    nobody = {"event_id": "0193e001-5c1e-7a40-8b2d-6f31b7c2e001", "family_id": other["id"]}
    assert (await registrar.post("/v1/enrolments", json=nobody)).status_code == 404


async def test_a_stale_desk_changes_nothing(registrar: httpx.AsyncClient) -> None:
    before = await registered(registrar, household(place(), 2))
    spouse = ids(before)[1]
    after = await done(registrar, before, "head", person_id=spouse)
    assert [each["relation"] for each in after["members"]] == ["parent", "head"]
    refused(await happened(registrar, before, "head", person_id=ids(before)[0]), 412, "stale")
    assert (await registrar.get(f"/v1/families/{before['id']}")).json() == after


async def test_a_family_is_read_as_it_stood(registrar: httpx.AsyncClient) -> None:
    earlier = datetime.now(UTC)
    before = await registered(registrar, household(place(), 2))
    first = datetime.now(UTC)
    home = {"district": "AZ-LAC", "settlement": "Laçın", "address": "Qayıdış 3"}
    moved = {"residence": home, "moved_on": "2026-11-03", "reason": "Yeni mənzil"}
    after = await done(registrar, before, "moves", **moved)

    async def as_of(moment: datetime) -> httpx.Response:
        return await registrar.get(
            f"/v1/families/{before['id']}", params={"as_of": moment.isoformat()}
        )

    assert (await as_of(first)).json() == before
    assert (await as_of(datetime.now(UTC))).json() == after
    refused(await as_of(earlier), 404, "not-found")
    history = (await registrar.get(f"/v1/families/{before['id']}/history")).json()["items"]
    assert [each["kind"] for each in history] == ["move", "registered"]
    newest = history[0]
    assert (newest["effective_on"], newest["reason"]) == ("2026-11-03", "Yeni mənzil")
    assert set(newest["changed"]) == {
        "residence.district",
        "residence.settlement",
        "residence.address",
    }
    assert newest["family"] == after
    assert newest["actor"] == "registrar@qayidis"


@pytest.mark.parametrize("what", ["births", "deaths", "moves", "head", "split", "join"])
async def test_hostile_bodies_are_refused_by_name(registrar: httpx.AsyncClient, what: str) -> None:
    before = await registered(registrar, household(place(), 2))
    for body in ({}, {"reason": "\x00"}, {"unknown": 1}):
        assert wrong_fields(await happened(registrar, before, what, **body))
    assert (await registrar.get(f"/v1/families/{before['id']}")).json() == before


async def test_nothing_of_a_familys_history_lies_open_in_the_database(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    before = await registered(registrar, family(place(), person(given_name="Gizlinc")))
    async with alone.database() as database:
        [row] = await database.fetch(
            "SELECT * FROM registration.family_versions WHERE family_id = $1", before["id"]
        )
    assert b"Gizlinc" not in row["state_sealed"]
