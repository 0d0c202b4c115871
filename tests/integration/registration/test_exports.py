"""Lists as files: read by other readers, formulas harmless, personal data by role, audited."""

import asyncio
import csv
import io
from typing import Any
from uuid import uuid4

import httpx
import openpyxl

from services.registration.exports.workbook_file import WorkbookFile
from tests.integration.registration.hearing import enrol, publish_event, refused, wrong_fields
from tests.support.bodies import household, person, place
from tests.system import System

WHY = {"reason": "Hesabat üçün"}


async def export(client: httpx.AsyncClient, wanted: str, **query: str) -> httpx.Response:
    answer = await client.get(f"/v1/exports/{wanted}", params={**WHY, **query})
    assert answer.status_code == 200, answer.text
    return answer


def read_csv(answer: httpx.Response, separator: str = ";") -> list[dict[str, str]]:
    assert answer.content.startswith(b"\xef\xbb\xbf")
    text = io.StringIO(answer.content.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, delimiter=separator))


def read_xlsx(content: bytes) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book.worksheets for line in sheet.iter_rows() for cell in line]
    assert not [cell.value for cell in cells if cell.data_type in {"f", "n"} and cell.value]
    return [
        [cell.value for cell in line] for sheet in book.worksheets for line in sheet.iter_rows()
    ]


async def family_with(registrar: httpx.AsyncClient, **other: Any) -> dict[str, Any]:
    body = household(place(), 1)
    body["members"] = [person(**other)]
    body["residence"]["address"] = '=HYPERLINK("http://x";"y")'
    answer = await registrar.post("/v1/families", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_persons_are_read_back_whole_and_no_cell_is_a_formula(
    registrar: httpx.AsyncClient,
) -> None:
    made = await family_with(registrar, given_name='=cmd|"/C calc"!A0', family_name="Şıxəliyeva;Ə")
    [member] = made["members"]
    for separator in (";", ","):
        rows = read_csv(await export(registrar, "persons", separator=separator), separator)
        [row] = [each for each in rows if each["family_id"] == made["id"]]
        assert row["given_name"] == '\'=cmd|"/C calc"!A0'
        assert row["family_name"] == "Şıxəliyeva;Ə"
        assert row["phone"] == f"'{member['phone']}"
        assert row["fin"] == member["fin"]
        assert row["address"].startswith("'=HYPERLINK")
    lines = read_xlsx((await export(registrar, "persons", format="xlsx")).content)
    [cells] = [line for line in lines if made["id"] in line]
    row = dict(zip(lines[0], cells, strict=True))
    assert row["given_name"] == '=cmd|"/C calc"!A0'
    assert row["phone"] == member["phone"]


async def test_who_is_no_registrar_gets_no_personal_numbers(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    made = await family_with(registrar)
    [member] = made["members"]
    auditor = alone.client("registration", "auditor")
    for wanted in ("persons", "families"):
        answer = await export(auditor, wanted)
        assert made["id"] in answer.text
        for secret in (member["fin"], member["phone"], "HYPERLINK"):
            assert secret not in answer.text
    nobody = alone.client("registration")
    assert (await nobody.get("/v1/exports/persons", params=WHY)).status_code == 401


async def test_who_makes_events_gets_their_lists_without_names_and_operators_none(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar)
    made = await family_with(registrar, given_name=f"Adı{uuid4().hex[:8]}")
    body = {"event_id": str(event_id), "family_id": made["id"]}
    assert (await registrar.post("/v1/enrolments", json=body)).status_code == 201
    organiser = alone.client("registration", "organiser")
    answer = await export(organiser, "enrolments", event_id=str(event_id))
    assert made["id"] in answer.text
    assert made["members"][0]["given_name"] not in answer.text
    for role, forbidden in {
        "organiser": ("families", "persons", "duplicates", "audit"),
        "operator": ("families", "persons", "duplicates", "audit", "enrolments", "attendance"),
    }.items():
        client = alone.client("registration", role)
        for wanted in forbidden:
            refused(await client.get(f"/v1/exports/{wanted}", params=WHY), 403, "forbidden")


async def test_what_left_is_in_the_audit_log_with_its_reason_and_count(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    assert wrong_fields(await registrar.get("/v1/exports/families")) == ["reason"]
    reason = f"Səbəb {uuid4()}"
    count = len(read_csv(await export(registrar, "families", reason=reason)))
    async with alone.database() as database:
        begun = await database.fetchrow(
            "SELECT * FROM registration.audit_entries WHERE reason = $1", reason
        )
        ended = await database.fetchrow(
            "SELECT * FROM registration.audit_entries WHERE subject_id = $1 "
            "AND action = 'export.finished'",
            begun["subject_id"],
        )
    assert begun["action"] == "export.begun"
    assert f'"rows": {count}' in ended["details"]
    assert ended["actor"] == begun["actor"] == "registrar@qayidis"


async def test_who_goes_away_in_the_middle_is_written_down(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    async with alone.database() as database:
        await database.execute(
            """INSERT INTO registration.families (id, version, origin_district, origin_settlement,
                residence_district, residence_settlement)
            SELECT gen_random_uuid(), 1, 'AZ-AGM', repeat('x', 5000), 'AZ-BAR', 'Toplu'
            FROM generate_series(1, 20000)"""
        )
        query = {"reason": "Yarımçıq"}
        async with registrar.stream("GET", "/v1/exports/families", params=query) as answer:
            async for _ in answer.aiter_bytes(1_000):
                break
        for _ in range(100):
            found = await database.fetchval(
                "SELECT details FROM registration.audit_entries WHERE action = 'export.broken_off'"
            )
            if found:
                break
            await asyncio.sleep(0.1)
        await database.execute(
            "DELETE FROM registration.families WHERE residence_settlement = 'Toplu'"
        )
    assert found
    assert '"rows": 20000' not in found


async def test_the_lists_of_an_event_are_of_that_event(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar, capacity=3)
    seated = await enrol(registrar, event_id, 2)
    waiting = [await enrol(registrar, event_id, 3) for _ in range(2)]
    await enrol(registrar, await publish_event(alone, registrar), 1)
    assert wrong_fields(await registrar.get("/v1/exports/enrolments", params=WHY)) == ["event_id"]
    rows = read_csv(await export(registrar, "enrolments", event_id=str(event_id)))
    assert [each["enrolment_id"] for each in rows] == [
        each["id"] for each in (seated, *waiting)
    ]  # fmt: skip
    rows = read_csv(await export(registrar, "waiting-list", event_id=str(event_id)))
    assert [(each["place"], each["enrolment_id"]) for each in rows] == [
        ("1", waiting[0]["id"]), ("2", waiting[1]["id"]),
    ]  # fmt: skip
    assert read_csv(await export(registrar, "attendance", event_id=str(event_id))) == []


def test_a_long_list_goes_on_in_the_next_sheet() -> None:
    file = WorkbookFile(most_rows=1_000)
    pieces = [
        file.write([[f"{n}", "a\0\x1b<&>\ud800"] for n in range(at, at + 500)])
        for at in (0, 500, 1_000)
    ]
    lines = read_xlsx(b"".join([*pieces, file.end()]))
    assert [line[0] for line in lines] == [str(n) for n in range(1_500)]
    assert {line[1] for line in lines} == {"a<&>"}
