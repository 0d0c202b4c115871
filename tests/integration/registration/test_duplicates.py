"""Cases of likely duplicates: opened by every path that writes, decided by one person."""

import asyncio
import random
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.integration.registration.hearing import refused, wrong_fields
from tests.support.bodies import family, person, phone, place
from tests.support.waiting import eventually
from tests.system import System

Body = dict[str, Any]

_fresh = random.Random(3)


def fin() -> str:
    """Make a FIN that is not one letter away from that of another test."""
    return "".join(_fresh.choices("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", k=7))


def unlike() -> Body:
    """Make a person unlike all others, but for what is common to many."""
    name = "".join(_fresh.choice("bdfglmnrstvz") for _ in range(9)).capitalize()
    day, month = _fresh.randrange(1, 13), _fresh.randrange(1, 13)
    born = f"{_fresh.randrange(1940, 2010)}-{month:02}-{day:02}"
    return person(given_name="Əli", family_name=f"{name}ov", birth_date=born, fin=fin())


def again(known: Body, **changes: Any) -> Body:
    """Make the same person as another clerk would: without a FIN, and with these changes."""
    return {**known, "fin": None, "phone": phone(), **changes}


async def register(registrar: httpx.AsyncClient, *members: Body, at: Any = None) -> Body:
    answer = await registrar.post("/v1/families", json=family(at or place(), *members))
    assert answer.status_code == 201, answer.text
    made: Body = answer.json()
    return made


async def change(registrar: httpx.AsyncClient, made: Body, *members: Body) -> Body:
    answer = await registrar.patch(
        f"/v1/families/{made['id']}",
        json={"members": list(members)},
        headers={"If-Match": f'"{made["version"]}"'},
    )
    assert answer.status_code == 200, answer.text
    changed: Body = answer.json()
    return changed


async def cases_of(
    registrar: httpx.AsyncClient, *families: Body, state: str = "open"
) -> list[Body]:
    wanted = sorted(each["id"] for each in families)
    params = {"state": state, "limit": 200, "family_id": wanted[0]}
    answer = await registrar.get("/v1/duplicates", params=params)
    assert answer.status_code == 200, answer.text
    return [case for case in answer.json()["items"] if sorted(case["families"]) == wanted]


async def opened(registrar: httpx.AsyncClient, *families: Body, state: str = "open") -> Body:
    async def look() -> Body:
        cases = await cases_of(registrar, *families, state=state)
        assert len(cases) == 1
        return cases[0]

    return await eventually(look, 10)


async def compared(alone: System) -> None:
    """Wait until nothing waits to be compared."""

    async def look() -> None:
        async with alone.database() as database:
            assert await database.fetchval("SELECT count(*) FROM registration.comparisons") == 0

    await eventually(look, 10)


def codes(case: Body) -> set[str]:
    [pair] = case["pairs"]
    return {reason["code"] for reason in pair["reasons"]}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "birth_date.same"),
        ({"given_name": "Али"}, "given_name.spelling"),
        ({"family_name": "cyrillic"}, "family_name.spelling"),
        ({"birth_date": "swapped"}, "birth_date.swapped"),
        ({"birth_date": "year off"}, "birth_date.year_off"),
        ({"family_name": "slip"}, "family_name.near"),
        ({"patronymic": None}, "given_name.same"),
    ],
)
async def test_whoever_is_likely_registered_twice_becomes_a_case(
    registrar: httpx.AsyncClient, changes: Body, code: str
) -> None:
    at, known = place(), unlike()
    changed = {name: _twisted(known, name, how) for name, how in changes.items()}
    one = await register(registrar, known, at=at)
    two = await register(registrar, again(known, **changed), at=at)
    case = await opened(registrar, one, two)
    assert code in codes(case)
    assert 0.5 <= case["score"] <= 1
    assert case["state"] == "open"
    assert case["claimed_by"] is None


async def test_a_crowd_of_namesakes_hides_nobody(registrar: httpx.AsyncClient) -> None:
    at, known = place(), unlike()
    for _ in range(6):
        sons = [person(birth_date=unlike()["birth_date"], relation="child") for _ in range(20)]
        await register(registrar, person(birth_date=unlike()["birth_date"]), *sons, at=at)
    one = await register(registrar, known, at=at)
    two = await register(registrar, again(known), at=at)
    assert codes(await opened(registrar, one, two)) >= {"birth_date.same", "family_name.same"}


def _twisted(known: Body, name: str, how: str | None) -> str | None:
    year, month, day = known["birth_date"].split("-")
    match how:
        case "swapped":
            known["birth_date"] = f"{year}-03-{day}"
            return f"{year}-{day}-03"
        case "year off":
            return f"{int(year) + 1}-{month}-{day}"
        case "slip":
            text: str = known[name]
            return text[:3] + text[4] + text[3] + text[5:]
        case "cyrillic":
            known[name] = "Гасанов"
            return "Həsənov"
    return how


async def test_a_change_opens_a_case_and_another_closes_it(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    at, known, other = place(), unlike(), unlike()
    one = await register(registrar, known, at=at)
    two = await register(registrar, other, at=at)
    await compared(alone)
    assert await cases_of(registrar, one, two) == []
    [member] = two["members"]
    two = await change(registrar, two, {**member, **again(known)})
    await opened(registrar, one, two)
    await change(registrar, two, {**two["members"][0], **other})
    await opened(registrar, one, two, state="lapsed")


async def test_two_registrations_at_the_same_time_open_one_case(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    at, known = place(), unlike()
    made = await asyncio.gather(*(register(registrar, again(known), at=at) for _ in range(2)))
    await opened(registrar, *made)
    # And when neither sees the other until both commit.
    known = unlike()
    bodies = [family(at, again(known)) for _ in range(2)]
    async with alone.database() as database:
        held = database.transaction()
        await held.start()
        await database.execute("LOCK TABLE registration.person_keys IN EXCLUSIVE MODE")
        calls = asyncio.gather(*(registrar.post("/v1/families", json=body) for body in bodies))
        await asyncio.sleep(0.7)
        await held.rollback()
    await opened(registrar, *(answer.json() for answer in await calls))


async def test_twins_brothers_and_namesakes_are_different_people(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    at, known = place(), unlike()
    twin = {**known, "given_name": "Vəli", "fin": fin()}
    brother = {**known, "given_name": "Vüqar", "fin": fin(), "birth_date": "1999-01-20"}
    one = await register(registrar, known, twin, brother, at=at)
    namesake = {**known, "fin": fin(), "phone": phone()}
    two = await register(registrar, namesake, at=at)
    three = await register(registrar, again(twin, given_name="Yusif", fin=fin()), at=at)
    grandson = again(known, birth_date="2014-05-06", patronymic="Tural oğlu")
    four = await register(registrar, grandson, at=at)
    await compared(alone)
    for others in ((one, one), (one, two), (one, three), (one, four)):
        assert [case["pairs"] for case in await cases_of(registrar, *others)] == [], others


async def test_one_child_twice_in_a_family_is_a_case_of_its_own(
    registrar: httpx.AsyncClient,
) -> None:
    known = unlike()
    child = again(known, given_name="Aygün", sex="female", patronymic="Əli qızı")
    made = await register(registrar, known, child, again(child, given_name="Айгюн"))
    case = await opened(registrar, made, made)
    ids = {member["id"] for member in made["members"][1:]}
    assert set(case["pairs"][0]["persons"]) == ids


async def test_who_else_lives_there_speaks_for_a_pair(registrar: httpx.AsyncClient) -> None:
    at, head, wife = place(), unlike(), unlike()
    wife |= {"given_name": "Aygün", "sex": "female"}
    one = await register(registrar, head, wife, at=at)
    two = await register(registrar, again(head), again(wife), at=at)
    case = await opened(registrar, one, two)
    assert len(case["pairs"]) == 2
    assert all(
        "household.alike" in {reason["code"] for reason in pair["reasons"]}
        for pair in case["pairs"]
    )


async def test_both_records_are_shown_side_by_side(registrar: httpx.AsyncClient) -> None:
    at, known = place(), unlike()
    one = await register(registrar, known, at=at)
    two = await register(registrar, again(known, given_name="Али"), at=at)
    case = await opened(registrar, one, two)
    shown = (await registrar.get(f"/v1/duplicates/{case['id']}")).json()
    ids = [record["id"] for record in shown["records"]]
    assert ids == shown["families"] == sorted([one["id"], two["id"]])
    [pair] = shown["pairs"]
    fields = {each["field"]: each for each in pair["fields"]}
    differing = {name for name, each in fields.items() if each["differs"]}
    assert differing == {"given_name", "fin", "phone"}
    values = dict(zip(ids, fields["given_name"]["values"], strict=True))
    assert values == {one["id"]: "Əli", two["id"]: "Али"}
    assert {each["field"] for each in shown["fields"]} >= {"origin.settlement"}


async def test_a_dismissed_pair_comes_back_only_when_something_changed(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    at, known = place(), unlike()
    one = await register(registrar, known, at=at)
    two = await register(registrar, again(known), at=at)
    case = await opened(registrar, one, two)
    path = f"/v1/duplicates/{case['id']}/dismiss"
    assert wrong_fields(await registrar.post(path, json={"reason": " "})) == ["reason"]
    answer = await registrar.post(path, json={"reason": "Namesakes, seen both"})
    assert answer.status_code == 200, answer.text
    closed = answer.json()
    assert (closed["state"], closed["reason"]) == ("dismissed", "Namesakes, seen both")
    assert closed["decided_by"]
    refused(await registrar.post(path, json={"reason": "again"}), 409, "already-decided")
    [member] = two["members"]
    two = await change(registrar, two, {**member, "email": "ali@example.az"})
    await compared(alone)
    assert await cases_of(registrar, one, two) == []
    await change(registrar, two, {**two["members"][0], "birth_date": "2001-02-03"})
    await compared(alone)
    await change(
        registrar,
        {**two, "version": two["version"] + 1},
        {**two["members"][0], "patronymic": None},
    )
    assert (await opened(registrar, one, two))["id"] == case["id"]
    async with alone.database() as database:
        rows = await database.fetch(
            "SELECT action FROM registration.audit_entries WHERE subject_id = $1 ORDER BY entry",
            UUID(case["id"]),
        )
    actions = [row["action"] for row in rows]
    assert actions == ["duplicate.opened", "duplicate.dismissed", "duplicate.reopened"]


async def test_two_clerks_do_not_decide_the_same_case(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    at, known = place(), unlike()
    one = await register(registrar, known, at=at)
    two = await register(registrar, again(known), at=at)
    case = await opened(registrar, one, two)
    path = f"/v1/duplicates/{case['id']}"
    claimed = await registrar.post(f"{path}/claim")
    assert claimed.status_code == 200, claimed.text
    assert claimed.json()["claimed_by"]
    async with alone.database() as database:
        await database.execute(
            "UPDATE registration.duplicate_cases SET claimed_by = 'staff:other' WHERE id = $1",
            UUID(case["id"]),
        )
    for action, body in (("claim", None), ("release", None), ("dismiss", {"reason": "x"})):
        problem = refused(await registrar.post(f"{path}/{action}", json=body), 409, "claimed")
        assert problem["claimed_by"] == "staff:other"
    async with alone.database() as database:
        await database.execute(
            "UPDATE registration.duplicate_cases SET claimed_at = now() - interval '31 minutes'"
        )
    assert (await registrar.get(path)).json()["claimed_by"] is None
    decisions = await asyncio.gather(
        *(registrar.post(f"{path}/dismiss", json={"reason": "x"}) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in decisions) == [200, 409, 409, 409]


async def test_a_family_is_checked_before_it_is_saved(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    at, known = place(), unlike()
    one = await register(registrar, known, at=at)
    await compared(alone)
    typed = family(at, {**known, "relation": "head"}, again(known, given_name="Али"))
    answer = await registrar.post("/v1/families/check", json=typed)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["registered"] == [{"field": "members.0.fin", "existing_family_id": one["id"]}]
    assert {each["member"] for each in found["alike"]} == {0, 1}
    assert {each["family_id"] for each in found["alike"]} == {one["id"]}
    own = await registrar.post("/v1/families/check", json=typed, params={"family_id": one["id"]})
    assert own.json() == {"registered": [], "alike": []}
    nobody = await registrar.post("/v1/families/check", json=family(place(), unlike()))
    assert nobody.json() == {"registered": [], "alike": []}
    listed = await registrar.get("/v1/families", params={"q": known["family_name"]})
    assert len(listed.json()["items"]) == 1


async def test_cases_are_listed_the_likeliest_first_page_by_page(
    registrar: httpx.AsyncClient,
) -> None:
    first = (await registrar.get("/v1/duplicates", params={"limit": 200})).json()["items"]
    scores = [case["score"] for case in first]
    assert scores == sorted(scores, reverse=True)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while len(seen) < len(first):
        page = (await registrar.get("/v1/duplicates", params={"limit": 30, **cursor})).json()
        seen += [case["id"] for case in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen[: len(first)] == [case["id"] for case in first]
    for cursor_text in ("eyJ9", "WyJuYW4iLCAieCJd"):
        wrong = await registrar.get("/v1/duplicates", params={"cursor": cursor_text})
        assert wrong_fields(wrong) == ["cursor"]


async def test_cases_are_for_registrars_and_auditors_read(alone: System) -> None:
    nowhere = "/v1/duplicates/01936f00-0000-7000-8000-000000000000"
    for roles, read, write in (
        ((), 401, 401),
        (("organiser",), 403, 403),
        (("auditor",), 404, 403),
        (("registrar",), 404, 404),
    ):
        client = alone.client("registration", *roles)
        assert (await client.get(nowhere)).status_code == read
        for action in ("claim", "release"):
            assert (await client.post(f"{nowhere}/{action}")).status_code == write
        answer = await client.post(f"{nowhere}/dismiss", json={"reason": "x"})
        assert answer.status_code == write


async def test_no_dump_of_cases_shows_a_number(registrar: httpx.AsyncClient, alone: System) -> None:
    at, known = place(), unlike()
    one = await register(registrar, known, at=at)
    two = await register(registrar, again(known), at=at)
    await opened(registrar, one, two)
    async with alone.database() as database:
        rows = await database.fetch(
            "SELECT c::text AS row FROM registration.duplicate_cases c "
            "UNION ALL SELECT b::text FROM registration.person_blocks b"
        )
    shown = "\n".join(row["row"] for row in rows)
    for secret in (known["fin"], known["phone"], two["members"][0]["phone"][1:]):
        assert secret not in shown


async def test_merging_decides_the_case(registrar: httpx.AsyncClient, alone: System) -> None:
    at, known = place(), unlike()
    one = await register(registrar, known, at=at)
    two = await register(registrar, again(known), at=at)
    other = await register(registrar, unlike(), at=at)
    case = await opened(registrar, one, two)
    body = {
        "kept_family_id": one["id"],
        "kept_version": 1,
        "merged_family_id": two["id"],
        "merged_version": 1,
        "pairs": [
            {
                "kept_person_id": one["members"][0]["id"],
                "merged_person_id": two["members"][0]["id"],
            }
        ],
        "case_id": case["id"],
        "reason": "Eyni adam",
        "relations": {},
    }
    wrong = {**body, "merged_family_id": other["id"], "pairs": [], "relations": {}}
    wrong["relations"] = {other["members"][0]["id"]: "other"}
    assert wrong_fields(await registrar.post("/v1/merges", json=wrong)) == ["case_id"]
    answer = await registrar.post("/v1/merges", json=body)
    assert answer.status_code == 201, answer.text
    await compared(alone)
    closed = (await registrar.get(f"/v1/duplicates/{case['id']}")).json()
    assert (closed["state"], closed["reason"]) == ("merged", "Eyni adam")
    assert len(await found_names(registrar, known["family_name"])) == 1


async def found_names(registrar: httpx.AsyncClient, q: str) -> list[Body]:
    items: list[Body] = (await registrar.get("/v1/search", params={"q": q})).json()["items"]
    return items
