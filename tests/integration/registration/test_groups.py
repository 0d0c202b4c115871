"""Discussion groups over HTTP: made, made again for who came, kept, and printed."""

from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.integration.registration.hearing import enrol, publish_event, refused, wrong_fields
from tests.system import System

ORIGINS = ["AZ-AGM", "AZ-LAC", "AZ-KAL"]


async def crowd(registrar: httpx.AsyncClient, alone: System) -> tuple[str, list[dict[str, Any]]]:
    """An event with three families of each of three districts, one to three people each."""
    event_id = await publish_event(alone, registrar)
    enrolments = [
        await enrol(registrar, event_id, size, origin) for origin in ORIGINS for size in (3, 2, 1)
    ]
    return f"/v1/events/{event_id}/groups", enrolments


async def test_people_are_split_evenly_and_each_splitting_is_kept(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    path, enrolments = await crowd(registrar, alone)
    assert (await registrar.get(path)).status_code == 404
    made = await registrar.post(path, json={"count": 4, "families": "apart", "seed": "barda"})
    assert made.status_code == 201, made.text
    first = made.json()
    assert (first["version"], first["people"], first["seed"]) == (1, 18, "barda")
    assert sorted(group["size"] for group in first["groups"]) == [4, 4, 5, 5]
    everyone = {id_ for each in enrolments for id_ in each["person_ids"]}
    assert {m["person_id"] for g in first["groups"] for m in g["members"]} == everyone
    assert (await registrar.get(path)).json() == first

    again = await registrar.post(path, json={"count": 4, "families": "apart", "seed": "barda"})
    assert again.json()["groups"] == first["groups"]
    other = (await registrar.post(path, json={"count": 3, "by": "district"})).json()
    assert (other["version"], other["families"]) == (3, "together")
    assert all(len({m["district"] for m in g["members"]}) == 1 for g in other["groups"])
    assert (await registrar.get(path)).json() == other
    kept = await registrar.get(path, params={"version": 1})
    assert kept.json() == first


async def test_it_is_redone_for_those_who_came(registrar: httpx.AsyncClient, alone: System) -> None:
    path, enrolments = await crowd(registrar, alone)
    nobody = await registrar.post(path, json={"count": 2, "of": "attended"})
    refused(nobody, 409, "nobody-there")
    came = enrolments[0]["person_ids"][:2]
    body = {
        "ticket": enrolments[0]["ticket"],
        "person_ids": came,
        "nonce": uuid4().hex,
        "at": "2026-12-01T10:00:00+04:00",
    }
    assert (await registrar.post("/v1/check-ins", json=body)).status_code == 201
    made = await registrar.post(path, json={"count": 2, "families": "apart", "of": "attended"})
    members = [m["person_id"] for g in made.json()["groups"] for m in g["members"]]
    assert sorted(members) == sorted(came)


async def test_what_makes_no_sense_is_refused(registrar: httpx.AsyncClient, alone: System) -> None:
    path, _ = await crowd(registrar, alone)
    assert wrong_fields(await registrar.post(path, json={"count": 10})) == ["count"]
    assert wrong_fields(await registrar.post(path, json={"count": 0})) == ["count"]
    assert wrong_fields(await registrar.post(path, json={"count": 2, "by": "age"})) == ["by"]
    assert wrong_fields(await registrar.post(path, json={"count": 2, "seed": ""})) == ["seed"]
    nowhere = f"/v1/events/{uuid4()}/groups"
    assert (await registrar.post(nowhere, json={"count": 2})).status_code == 404
    assert (await registrar.get(path, params={"version": 7})).status_code == 404


async def test_the_sheet_has_names_in_three_languages_and_printing_is_audited(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    path, _ = await crowd(registrar, alone)
    await registrar.post(path, json={"count": 2})
    for language, heading in (("az", "Qrup 1"), ("en", "Group 1"), ("ru", "Группа 1")):
        sheet = await registrar.get(f"{path}/print", params={"language": language})
        assert sheet.status_code == 200, sheet.text
        assert sheet.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in sheet.headers["content-security-policy"]
        assert f"<h1>{heading}</h1>" in sheet.text
        assert sheet.text.count("<li>Həsənov ") == 18
    async with alone.database() as database:
        printed = await database.fetchval(
            "SELECT count(*) FROM registration.audit_entries "
            "WHERE action = 'groups.printed' AND subject_id = $1",
            UUID(path.split("/")[3]),
        )
    assert printed == 3
    organiser = alone.client("registration", "organiser")
    assert (await organiser.get(path)).status_code == 200
    assert (await organiser.get(f"{path}/print")).status_code == 403
