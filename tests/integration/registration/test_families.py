"""Families over HTTP: registering, finding by any spelling, changing."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.registration.families.sealed import fin_index
from shared.contracts.notifications import ContactUnreachable
from tests.integration.registration.hearing import (
    Told,
    blocked,
    refused,
    say,
    wrong_fields,
)
from tests.support.bodies import family, fin, household, person, phone, place
from tests.support.waiting import eventually
from tests.system import System


async def registered(registrar: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await registrar.post("/v1/families", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/v1/families/{made['id']}"
    assert answer.headers["ETag"] == '"1"'
    return made


async def changed(
    registrar: httpx.AsyncClient, before: dict[str, Any], **changes: Any
) -> httpx.Response:
    return await registrar.patch(
        f"/v1/families/{before['id']}",
        json=changes,
        headers={"If-Match": f'"{before["version"]}"'},
    )


async def test_a_family_is_answered_as_it_was_given(
    registrar: httpx.AsyncClient, told: Told
) -> None:
    body = household(place(), 3)
    made = await registered(registrar, body)
    ids = [member.pop("id") for member in made["members"]]
    assert ids == sorted(ids)
    assert all(member.pop("unreachable") is None for member in made["members"])
    assert {name: made[name] for name in body} == body
    again = await registrar.get(f"/v1/families/{made['id']}")
    assert [member["id"] for member in again.json()["members"]] == ids
    assert again.json()["created_at"] == made["created_at"]
    [(name, version, data)] = await told.of(made["id"], 1)
    assert (name, version, data["members"]) == ("family_registered", 1, 3)
    assert set(data["residence"]) == {"district"}
    for id_, member in zip(ids, body["members"], strict=True):
        [(name, version, contact)] = await told.of(id_, 1)
        assert (name, version, contact["phone"]) == ("contact_changed", 1, member["phone"])
        assert contact["may_notify"] is True


async def test_a_phone_is_kept_in_its_international_form(registrar: httpx.AsyncClient) -> None:
    local = f"0{phone().removeprefix('+994')}"
    made = await registered(registrar, family(place(), person(phone=local)))
    assert made["members"][0]["phone"] == f"+994{local[1:]}"


def _set(body: Any, path: str, value: object) -> None:
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        body = body[part]
    body[last] = value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("members", []),
        ("members.1.relation", "uncle"),
        ("members.0.fin", "5ZK21QO"),
        ("members.0.phone", "+99412"),
        ("members.0.phone", "+15005550006"),
        ("members.0.email", "ali@"),
        ("members.0.email", "ali\x00@example.az"),
        ("members.0.given_name", "Ə\x00li"),
        ("members.0.given_name", "  "),
        ("members.0.birth_date", "2999-01-01"),
        ("members.0.birth_date", "1899-12-31"),
        ("members.0.birth_date", 0),
        ("members.0.nickname", "Ali"),
        ("origin.district", "AZ-XXX"),
        ("residence.settlement", None),
        ("consent.given_on", "2999-01-01"),
        ("consent.purposes", ["photographs", "photographs"]),
    ],
)
async def test_a_wrong_field_is_named(
    registrar: httpx.AsyncClient, field: str, value: object
) -> None:
    body = household(place(), 2)
    _set(body, field, value)
    assert wrong_fields(await registrar.post("/v1/families", json=body)) == [field]


async def test_members_must_make_a_family(registrar: httpx.AsyncClient) -> None:
    heads = household(place(), 2)
    heads["members"][1]["relation"] = "head"
    assert wrong_fields(await registrar.post("/v1/families", json=heads)) == ["members"]
    twice = household(place(), 2)
    twice["members"][1]["fin"] = twice["members"][0]["fin"].lower()
    assert wrong_fields(await registrar.post("/v1/families", json=twice)) == ["members.1.fin"]


async def test_a_fin_is_registered_once_also_by_calls_at_the_same_time(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    between = await registered(registrar, household(place(), 1))
    fins = sorted(fin() for _ in range(3))
    bodies = [household(place(), 3), household(place(), 3)]
    for body, order in zip(bodies, (fins, fins[::-1]), strict=True):
        for member, number in zip(body["members"], order, strict=True):
            member["fin"] = number
    async with alone.database() as database:
        # Holds the FIN in the middle: calls that took theirs in different orders would now
        # wait for each other.
        held = database.transaction()
        await held.start()
        query = "UPDATE registration.persons SET fin_index = $1 WHERE family_id = $2"
        sealer = alone.sealer("registration")
        in_the_middle = sorted(fin_index(sealer, each) for each in fins)[1]
        await database.execute(query, in_the_middle, UUID(between["id"]))
        calls = asyncio.gather(*(registrar.post("/v1/families", json=body) for body in bodies))
        await blocked(alone, 2)
        await held.rollback()
    made, refusal = sorted(await calls, key=lambda answer: answer.status_code)
    assert made.status_code == 201
    problem = refused(refusal, 409, "fin-registered")
    assert problem["existing_family_id"] == made.json()["id"]


@pytest.mark.parametrize(
    ("given", "typed"),
    [
        ("Əliyev", "Aliyev"),
        ("Əliyev", "АЛИЕВ"),
        ("Həsənzadə", "Гасанзаде"),
        ("Xəlilov", "khalil"),
        ("Qasımov", "Гасымов"),
        ("Cəfərov", "Jafarov"),
        ("Алиев", "əliyev"),
    ],
)
async def test_any_spelling_finds_the_name(
    registrar: httpx.AsyncClient, given: str, typed: str
) -> None:
    made = await registered(registrar, family(place(), person(family_name=given)))
    other = await registered(registrar, family(place(), person(family_name="Nəbizadə")))
    found = await registrar.get("/v1/families", params={"q": f"{typed} vaqif", "limit": 200})
    ids = [each["id"] for each in found.json()["items"]]
    assert made["id"] in ids
    assert other["id"] not in ids


async def test_a_fin_a_phone_or_a_district_finds_a_family(registrar: httpx.AsyncClient) -> None:
    made = await registered(registrar, family(place(), person()))
    member = made["members"][0]
    local = f"0{member['phone'][4:6]} {member['phone'][6:]}"
    for query in (
        {"q": member["fin"].lower()},
        {"q": local},
        {"q": member["phone"]},
        {"q": "Əli", "origin": made["origin"]["district"], "limit": "200"},
        {"residence": made["residence"]["district"], "limit": "200"},
    ):
        found = await registrar.get("/v1/families", params=query)
        assert made["id"] in [each["id"] for each in found.json()["items"]], query
    for nothing in ("%", "_____", "'; --", "\\"):
        found = await registrar.get("/v1/families", params={"q": nothing})
        assert found.json() == {"items": [], "next": None}


async def test_a_list_is_read_page_by_page(registrar: httpx.AsyncClient) -> None:
    name = f"Səhifə{fin()}"
    made = [
        await registered(registrar, family(place(), person(family_name=name))) for _ in range(3)
    ]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (
            await registrar.get("/v1/families", params={"q": name, "limit": 2, **cursor})
        ).json()
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == [each["id"] for each in reversed(made)]
    wrong = await registrar.get("/v1/families", params={"cursor": "eyJ9"})
    assert wrong_fields(wrong) == ["cursor"]


async def test_changing_members_tells_of_each_one_that_changed(
    registrar: httpx.AsyncClient, told: Told
) -> None:
    made = await registered(registrar, household(place(), 3))
    head, kept, gone = made["members"]
    new = person(relation="child", given_name="Yeni")
    answer = await changed(registrar, made, members=[{**kept, "phone": phone()}, new, head])
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert answer.headers["ETag"] == '"2"'
    assert [member["given_name"] for member in after["members"]] == [
        kept["given_name"],
        "Yeni",
        head["given_name"],
    ]
    assert [name for name, _, _ in await told.of(made["id"], 2)] == [
        "family_registered",
        "family_changed",
    ]
    assert [version for _, version, _ in await told.of(kept["id"], 2)] == [1, 2]
    assert [version for _, version, _ in await told.of(head["id"], 1)] == [1]
    name, version, _ = (await told.of(gone["id"], 2))[1]
    assert (name, version) == ("contact_erased", 2)
    await told.of(after["members"][1]["id"], 1)


async def test_withdrawn_consent_reaches_every_contact(
    registrar: httpx.AsyncClient, told: Told
) -> None:
    made = await registered(registrar, household(place(), 2))
    assert (await changed(registrar, made, consent=None)).json()["consent"] is None
    for member in made["members"]:
        assert (await told.of(member["id"], 2))[1][2]["may_notify"] is False


async def test_a_change_needs_the_present_version(registrar: httpx.AsyncClient) -> None:
    made = await registered(registrar, household(place(), 2))
    path = f"/v1/families/{made['id']}"
    assert (await registrar.patch(path, json={})).status_code == 428
    unchanged = await changed(registrar, made, origin=made["origin"])
    assert unchanged.json() == made
    moved = {**made["residence"], "address": "Füzuli 2"}
    assert (await changed(registrar, made, residence=moved)).json()["version"] == 2
    stale = refused(await changed(registrar, made, residence=moved), 412, "stale")
    assert stale["version"] == 2


async def test_two_members_can_swap_fins(registrar: httpx.AsyncClient) -> None:
    made = await registered(registrar, household(place(), 2))
    one, two = made["members"]
    swapped = [{**one, "fin": two["fin"]}, {**two, "fin": one["fin"]}]
    after = await changed(registrar, made, members=swapped)
    assert [member["fin"] for member in after.json()["members"]] == [two["fin"], one["fin"]]


async def test_a_changed_list_is_checked_as_a_whole(registrar: httpx.AsyncClient) -> None:
    made = await registered(registrar, household(place(), 2))
    other = await registered(registrar, household(place(), 1))
    one, two = made["members"]
    strange = [one, {**two, "id": other["members"][0]["id"]}]
    assert wrong_fields(await changed(registrar, made, members=strange)) == ["members.1.id"]
    assert wrong_fields(await changed(registrar, made, members=[two])) == ["members"]
    taken = [one, {**two, "fin": other["members"][0]["fin"]}]
    problem = refused(await changed(registrar, made, members=taken), 409, "fin-registered")
    assert problem["existing_family_id"] == other["id"]
    assert (await registrar.get(f"/v1/families/{made['id']}")).json() == made


async def test_an_unreachable_phone_is_shown_until_it_changes(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    made = await registered(registrar, household(place(), 1))
    member = made["members"][0]
    report = ContactUnreachable(person_id=member["id"], channel="sms", reason="absent")
    await say(alone, report, report.person_id, 4)

    async def shown() -> None:
        read = await registrar.get(f"/v1/families/{made['id']}")
        assert read.json()["members"][0]["unreachable"] == "absent"

    await eventually(shown, 10)
    after = await changed(registrar, made, members=[{**member, "phone": phone()}])
    assert after.json()["members"][0]["unreachable"] is None


async def test_families_are_read_and_written_by_their_roles(alone: System) -> None:
    body = household(place(), 1)
    for roles, status in (((), 401), (("organiser",), 403), (("auditor",), 403)):
        client = alone.client("registration", *roles)
        assert (await client.post("/v1/families", json=body)).status_code == status
    auditor = alone.client("registration", "auditor")
    assert (await auditor.get("/v1/families")).status_code == 200
