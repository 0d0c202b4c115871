"""Each list that can be taken out, whole, as CSV and as XLSX, on a real service with data in it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID

import httpx
import pytest

from services.registration.exports.domain import COLUMNS, OF_AN_EVENT, List
from tests.integration.registration.accounts import PASSWORD, Accounts
from tests.integration.registration.hearing import enrol, publish_event
from tests.integration.registration.test_check_ins import arrival
from tests.integration.registration.test_duplicates import again, opened, register, unlike
from tests.integration.registration.test_exports import export, read_csv, read_xlsx
from tests.support.bodies import Place
from tests.system import System

MINE, THEIRS = "AZ-TOV", "AZ-AGM"

Row = dict[str, Any]


@dataclass(frozen=True)
class Ground:
    """What stands in the lists, and who takes them out."""

    everything: httpx.AsyncClient
    bound: httpx.AsyncClient
    event_id: UUID
    seated: Row
    waiting: list[Row]
    twice: Row
    case: Row


@pytest.fixture(scope="module")
async def ground(alone: System, registrar: httpx.AsyncClient) -> AsyncIterator[Ground]:
    event_id = await publish_event(alone, registrar, capacity=2)
    seated = await enrol(registrar, event_id, 2, THEIRS)
    origins = (THEIRS, MINE, THEIRS, MINE)
    waiting = [await enrol(registrar, event_id, 1, origin) for origin in origins]
    answer = await registrar.post("/v1/check-ins", json=arrival(seated, 0, 1))
    assert answer.status_code == 201, answer.text
    at, known = Place(THEIRS, "AZ-BAR"), unlike()
    twice = [await register(registrar, each, at=at) for each in (known, again(known))]
    case = await opened(registrar, *twice)
    everything = alone.client("registration", "registrar", "auditor")
    bound = alone.client("registration")
    async with Accounts.of(alone) as accounts:
        account = await accounts.add("registrar", "auditor", district=MINE)
    credentials = {"login": account.staff.login, "password": PASSWORD}
    signed_in = (await bound.post("/v1/sign-in", json=credentials)).json()
    bound.headers["Authorization"] = f"Bearer {signed_in['access_token']}"
    yield Ground(everything, bound, event_id, seated, waiting, twice[0], case)
    await everything.aclose()
    await bound.aclose()


async def rows_of(ground: Ground, wanted: List, format: str, *, bound: bool = False) -> list[Row]:
    """Take a list out and read it as other programs do."""
    client = ground.bound if bound else ground.everything
    query = {"event_id": str(ground.event_id)} if wanted in OF_AN_EVENT else {}
    answer = await export(client, wanted, format=format, **query)
    if format == "csv":
        return [
            # An apostrophe stands before what a spreadsheet would take for a formula.
            {name: cell.removeprefix("'") for name, cell in row.items()}
            for row in read_csv(answer)
        ]
    head, *lines = read_xlsx(answer.content)
    return [dict(zip(head, (cell or "" for cell in line), strict=True)) for line in lines]


def expected(ground: Ground, wanted: List) -> dict[str, Any]:
    """A row that must be there, by what is known of it."""
    [member] = ground.twice["members"]
    first, second = sorted(ground.case["families"])
    rows: dict[List, dict[str, Any]] = {
        "families": {
            "family_id": ground.twice["id"],
            "members": "1",
            "family_name": member["family_name"],
        },
        "persons": {"person_id": member["id"], "fin": member["fin"], "phone": member["phone"]},
        "enrolments": {"enrolment_id": ground.seated["id"], "status": "confirmed", "seats": "2"},
        "waiting-list": {"enrolment_id": ground.waiting[2]["id"], "place": "3"},
        "attendance": {
            "enrolment_id": ground.seated["id"],
            "person_id": ground.seated["person_ids"][0],
        },
        "duplicates": {
            "case_id": ground.case["id"],
            "family_a": first,
            "family_b": second,
            "state": "open",
            "score": str(ground.case["score"]),
        },
        "audit": {"action": "family.registered", "subject_id": ground.twice["id"]},
    }
    return rows[wanted]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("wanted", get_args(List))
async def test_a_list_is_whole(ground: Ground, wanted: List, format: str) -> None:
    rows = await rows_of(ground, wanted, format)
    assert list(rows[0]) == list(COLUMNS[wanted])
    known = expected(ground, wanted)
    assert [row for row in rows if known.items() <= row.items()], (known, rows[:3])


async def test_both_formats_say_the_same(ground: Ground) -> None:
    for wanted in get_args(List):
        csv, xlsx = [await rows_of(ground, wanted, format) for format in ("csv", "xlsx")]
        # Taking a list out is written down itself.
        assert csv == xlsx[: len(csv)], wanted


async def test_the_reasons_of_a_case_can_be_read_back(ground: Ground) -> None:
    for row in await rows_of(ground, "duplicates", "csv"):
        if row["case_id"] == ground.case["id"]:
            assert [json.loads(row["reasons"])] == [
                {name: pair[name] for name in json.loads(row["reasons"])}
                for pair in ground.case["pairs"]
            ]
            return
    raise AssertionError("the case is not in the list")


async def test_staff_of_a_district_learn_the_place_in_the_whole_list(ground: Ground) -> None:
    rows = await rows_of(ground, "waiting-list", "csv", bound=True)
    mine = [(row["place"], row["enrolment_id"]) for row in rows]
    assert mine == [("2", ground.waiting[1]["id"]), ("4", ground.waiting[3]["id"])]
    for enrolment in (ground.waiting[1], ground.waiting[3]):
        shown = (await ground.bound.get(f"/v1/enrolments/{enrolment['id']}")).json()
        assert (str(shown["waiting_position"]), enrolment["id"]) in mine


async def test_staff_of_a_district_get_its_families_alone(ground: Ground) -> None:
    for wanted in ("families", "persons", "enrolments", "attendance"):
        text = json.dumps(await rows_of(ground, wanted, "csv", bound=True))
        for theirs in (ground.twice["id"], ground.seated["family_id"]):
            assert theirs not in text, wanted


async def test_staff_of_a_district_get_the_cases_whose_records_they_both_reach(
    ground: Ground, registrar: httpx.AsyncClient
) -> None:
    known, here, away = unlike(), Place(THEIRS, MINE), Place(THEIRS, "AZ-BAR")
    one, two, theirs = [
        await register(registrar, each, at=at)
        for each, at in ((known, here), (again(known), here), (again(known), away))
    ]
    mine = await opened(registrar, one, two)
    for each in (one, two):
        await opened(registrar, each, theirs)
    rows = await rows_of(ground, "duplicates", "csv", bound=True)
    assert mine["id"] in {row["case_id"] for row in rows}
    assert theirs["id"] not in json.dumps(rows)
    assert ground.case["id"] not in json.dumps(rows)
    cases = (await ground.bound.get("/v1/duplicates", params={"limit": 200})).json()["items"]
    assert {case["id"] for case in cases} <= {row["case_id"] for row in rows}
