"""What an import gives back: the bad rows as a file, and live progress."""

import csv
import io
import json

import httpx
import openpyxl

from tests.support.lists import HEADERS, as_csv, as_xlsx, checked, row, rows, upload
from tests.system import System

LISTED = [
    *rows(2),
    row(3, FIN="5ABCDO1", Ünvan="=cmd|'/C calc'!A0"),
    row(3, "oğlu", Ünvan=""),
    row(4, Telefon="1", Soyadı="", Ünvan="@SUM(1)"),
]
REASONS = [
    "ФИН: в ФИН нет букв O и I: может быть, 5ABCD01?",
    "ошибка в другой строке этой семьи",
    "Фамилия: не должно быть пустым; Телефон: нужен номер телефона Азербайджана, "
    "например 050 123 45 67",
]


async def test_bad_rows_come_back_as_the_file_they_came_in(registrar: httpx.AsyncClient) -> None:
    made = await checked(registrar, as_csv(LISTED))
    answer = await registrar.get(f"/v1/imports/{made['id']}/bad-rows", params={"language": "ru"})
    assert answer.status_code == 200
    read = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert read[0] == [*HEADERS, "Что не так"]
    assert sorted([line[-1] for line in read[1:]]) == sorted(REASONS), read
    assert [line[13] for line in read[1:]] == [
        "'=cmd|'/C calc'!A0", "", "'@SUM(1)",
    ]  # fmt: skip


async def test_bad_rows_of_a_workbook_are_a_workbook_and_can_be_mended(
    registrar: httpx.AsyncClient,
) -> None:
    made = await checked(registrar, as_xlsx(LISTED))
    answer = await registrar.get(f"/v1/imports/{made['id']}/bad-rows", params={"language": "ru"})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    read = [[cell.value for cell in line] for line in book.worksheets[0].iter_rows()]
    assert read[0] == [*HEADERS, "Что не так"]
    assert sorted(line[-1] for line in read[1:]) == sorted(REASONS)
    cells = [cell for line in book.worksheets[0].iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    assert "=cmd|'/C calc'!A0" in {cell.value for cell in cells}
    # Mended and uploaded as it is, with the reasons still in it.
    sheet = book.worksheets[0]
    sheet.cell(2, 7, "5ABCD01")
    sheet.cell(4, 2, "Əliyeva")
    sheet.cell(4, 8, "050 765 43 21")
    file = io.BytesIO()
    book.save(file)
    again = await checked(registrar, file.getvalue())
    assert again["counts"]["good_families"] == 2, again


async def test_progress_is_told_as_it_happens_and_ends(registrar: httpx.AsyncClient) -> None:
    made = await upload(registrar, as_csv(rows(1_200, 2)))
    states, counted = [], []
    url = f"/v1/imports/{made['id']}/progress"
    async with registrar.stream("GET", url) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                states.append(line.removeprefix("event: "))
            if line.startswith("data: "):
                counted.append(json.loads(line.removeprefix("data: "))["counts"]["rows"])
    assert states[0] in {"waiting", "checking"}
    assert states[-1] == "checked"
    assert counted[-1] == 2_400
    assert counted == sorted(counted)


async def test_only_registrars_read_rows(alone: System, registrar: httpx.AsyncClient) -> None:
    made = await checked(registrar, as_csv(LISTED))
    auditor = alone.client("registration", "auditor")
    url = f"/v1/imports/{made['id']}"
    assert (await auditor.get(url)).status_code == 200
    for path in ("/errors", "/bad-rows"):
        assert (await auditor.get(url + path)).status_code == 403
    assert (await auditor.post(f"{url}/commit")).status_code == 403
    organiser = alone.client("registration", "organiser")
    assert (await organiser.get(url)).status_code == 403
