"""Erasure, through the whole system: afterwards no table of any service knows the person."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import MetaData

from services.notifications.database import METADATA as NOTIFICATIONS
from services.registration.database import METADATA as REGISTRATION
from tests.support import bodies
from tests.support.bodies import Body, person
from tests.support.desk import Desk, answered
from tests.support.waiting import eventually
from tests.system import System

ASKED: Body = {"reason": "Ərizə ilə", "basis": "consent_withdrawn"}


def unusual(**other: Any) -> Body:
    """A person whose names nobody else has."""
    tail = uuid4().hex[:8].translate(str.maketrans("0123456789", "ghijklmnop"))
    return person(
        given_name=f"Xanqızı{tail}",
        family_name=f"Zülfüqarlı{tail}",
        patronymic=f"Məşədi{tail} qızı",
        email=bodies.email(),
        **other,
    )


def needles(*members: Body) -> set[str]:
    """What must not be found of persons, as it was typed."""
    names = ("given_name", "family_name", "patronymic", "fin", "phone", "email")
    return {str(member[name]).lower() for member in members for name in names if member[name]}


async def everything(system: System) -> AsyncIterator[tuple[str, str]]:
    """All rows of both services, what is sealed in them opened."""
    for service, metadata in (("registration", REGISTRATION), ("notifications", NOTIFICATIONS)):
        async with system.database() as database:
            tables = await database.fetch(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = $1", service
            )
            for (table,) in tables:
                for row in await database.fetch(f"SELECT t::text AS row FROM {service}.{table} t"):
                    yield f"{service}.{table}", row["row"]
            for place, opened in await opened_of(system, service, metadata, database):
                yield place, opened


async def opened_of(
    system: System, service: str, metadata: MetaData, database: Any
) -> list[tuple[str, str]]:
    sealer, found = system.sealer(service), []
    for table in metadata.tables.values():
        for column in table.columns:
            context = column.info.get("sealed")
            if context is None:
                continue
            rows = await database.fetch(f"SELECT {column.name} AS sealed FROM {table}")
            found += [
                (
                    f"{table}.{column.name}",
                    sealer.open_bytes(row["sealed"], context).decode(errors="replace"),
                )
                for row in rows
                if row["sealed"]
            ]
    return found


async def found(system: System, wanted: set[str]) -> list[tuple[str, str]]:
    return [
        (place, needle)
        async for place, text in everything(system)
        for needle in wanted
        if needle in text.lower()
    ]


async def complete(desk: Desk, erasure: Body) -> Body:
    """Wait until every service confirmed."""

    async def look() -> Body:
        seen = await answered(desk.registration.get(f"/v1/erasures/{erasure['id']}"))
        assert seen["waiting_for"] == [], seen
        return seen

    return await eventually(look, 20)


async def test_nothing_of_an_erased_family_is_left_but_statistics_and_the_audit_log(
    desk: Desk, system: System
) -> None:
    at, first, second = bodies.place(), unusual(), unusual()
    body = bodies.family(at, first, second)
    body["residence"]["address"] = f"Küçə {first['phone'][-7:]}"
    wanted = needles(first, second) | {body["residence"]["address"].lower()}
    family = await desk.register(body)
    event = await desk.publish(bodies.event(at, capacity=2))
    seats = await desk.enrol(event["id"], family)
    other = await desk.register(bodies.household(at, 2))
    waiting = await desk.enrol(event["id"], other)
    assert waiting["status"] == "waitlisted"
    await desk.received(first["phone"], 2)
    moved = {**body["residence"], "address": "Başqa"}
    family = await desk.change(family, {"residence": moved})
    assert await found(system, wanted)

    request = {**ASKED, "family_id": family["id"]}
    erasure = await answered(desk.registration.post("/v1/erasures", json=request))
    assert erasure["whole_family"]
    listed = await answered(
        desk.registration.get("/v1/families", params={"residence": at.residence, "limit": 200})
    )
    ids = {each["id"] for each in listed["items"]}
    assert other["id"] in ids
    assert family["id"] not in ids
    seen = await complete(desk, erasure)
    assert [each["service"] for each in seen["confirmations"]] == ["registration", "notifications"]
    assert all(each["confirmed_at"] for each in seen["confirmations"])

    async def look() -> None:
        assert await found(system, wanted) == []

    await eventually(look)
    kept = await answered(desk.registration.get(f"/v1/enrolments/{seats['id']}"))
    assert kept["status"] == "cancelled"
    promoted = await answered(desk.registration.get(f"/v1/enrolments/{waiting['id']}"))
    assert promoted["status"] == "confirmed"
    told = await desk.told(family_id=family["id"])
    assert {each["kind"] for each in told} >= {"invitation", "confirmation"}
    async with system.database() as database:
        query = (
            "SELECT sex, birth_year, origin_district FROM registration.erased_persons "
            "WHERE erasure_id = $1"
        )
        rows = [tuple(row) for row in await database.fetch(query, erasure["id"])]
    assert rows == [("male", 1961, at.origin)] * 2
    auditor = system.client("registration", "auditor")
    logged = await answered(auditor.get("/v1/audit", params={"subject_id": erasure["id"]}))
    actions = {each["action"] for each in logged["items"]}
    assert {"erasure.requested", "erasure.confirmed", "erasure.read"} <= actions


async def test_one_person_goes_and_the_family_stays(desk: Desk, system: System) -> None:
    at, shared = bodies.place(), bodies.phone()
    gone = {**unusual(phone=shared), "email": None}
    stays = person(phone=shared, given_name="Sona")
    family = await desk.register(bodies.family(at, gone, stays))
    event = await desk.publish(bodies.event(at))
    seats = await desk.enrol(event["id"], family)
    await desk.received(shared, 2)
    erased, left = (member["id"] for member in family["members"])
    request = {**ASKED, "person_id": erased}
    refused = await desk.registration.post("/v1/erasures", json=request)
    assert [each["field"] for each in refused.json()["errors"]] == ["head_id"]
    erasure = await answered(
        desk.registration.post("/v1/erasures", json={**request, "head_id": left})
    )
    await complete(desk, erasure)
    assert await found(system, needles(gone) - {shared}) == []
    seen = await answered(desk.registration.get(f"/v1/families/{family['id']}"))
    assert [(member["id"], member["relation"]) for member in seen["members"]] == [(left, "head")]
    kept = await answered(desk.registration.get(f"/v1/enrolments/{seats['id']}"))
    assert (kept["status"], kept["person_ids"]) == ("confirmed", [left])
    await desk.act(event["id"], "cancel", {"reason": bodies.reason()})

    async def look() -> None:
        texts = await desk.texts(shared)
        assert any("Sona" in text for text in texts[2:]), texts
        assert not any(gone["given_name"] in text for text in texts[2:])

    await eventually(look)


@pytest.mark.parametrize("asked", ["person", "family"])
async def test_who_died_is_erased_too(desk: Desk, system: System, asked: str) -> None:
    head, dead, misspelled = person(), unusual(), unusual()
    family = await desk.register(bodies.family(bodies.place(), head, misspelled))
    members = [
        {**head, "id": family["members"][0]["id"], "relation": "head"},
        {**dead, "relation": "child"},
    ]
    family = await desk.change(family, {"members": members})
    id_, wanted = family["members"][1]["id"], needles(dead)
    died = await desk.registration.post(
        f"/v1/families/{family['id']}/deaths",
        json={"person_id": id_, "died_on": "2026-11-01"},
        headers={"If-Match": f'"{family["version"]}"'},
    )
    assert died.status_code == 200, died.text
    assert await found(system, wanted), "the history keeps who died"
    request = {
        **ASKED,
        **({"person_id": id_} if asked == "person" else {"family_id": family["id"]}),
    }
    erasure = await answered(desk.registration.post("/v1/erasures", json=request))
    assert erasure["whole_family"] is (asked == "family")
    await complete(desk, erasure)
    assert await found(system, wanted) == []
    assert bool(await found(system, needles(misspelled))) is (asked == "person")
    again = await desk.registration.post("/v1/erasures", json=request)
    assert again.status_code == 404
    seen = await answered(desk.registration.get(f"/v1/families/{family['id']}"))
    assert len(seen["members"]) == (1 if asked == "person" else 0)


@pytest.mark.parametrize("killed", ["notifications", "registration"])
async def test_an_erasure_survives_a_crash_and_a_message_from_before(
    desk: Desk, system: System, killed: str
) -> None:
    member = unusual()
    family = await desk.register(bodies.family(bodies.place(), member))
    id_ = family["members"][0]["id"]
    await system.kill9("notifications")
    request = {**ASKED, "person_id": id_}
    erasure = await answered(desk.registration.post("/v1/erasures", json=request))
    assert "notifications" in erasure["waiting_for"]
    if killed == "registration":
        await system.restart("registration")
    await system.restart("notifications")
    await complete(desk, erasure)
    assert await found(system, needles(member)) == []
    again = await desk.registration.post("/v1/erasures", json=request)
    assert again.status_code == 404


async def test_a_repeated_call_does_not_bring_a_family_back(desk: Desk, system: System) -> None:
    member = unusual()
    body, once = bodies.family(bodies.place(), member), {"Idempotency-Key": bodies.fin()}
    made = await answered(desk.registration.post("/v1/families", json=body, headers=once))
    request = {**ASKED, "family_id": made["id"]}
    erasure = await answered(desk.registration.post("/v1/erasures", json=request))
    again = await desk.registration.post("/v1/families", json=body, headers=once)
    assert (again.status_code, again.json()["type"]) == (409, "urn:qayidis:problem:erased")
    await complete(desk, erasure)
    assert await found(system, needles(member)) == []
