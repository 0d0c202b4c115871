"""Lists of families as files, and what comes of them when they are imported."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import httpx
import xlsxwriter

from tests.support.bodies import fin, phone
from tests.support.waiting import eventually

HEADERS = (
    "Ailə №", "Soyadı", "Adı", "Ata adı", "Cinsi", "Doğum tarixi", "FIN", "Telefon",
    "Qohumluq dərəcəsi", "Əvvəlki rayon", "Əvvəlki kənd", "Yaşadığı rayon", "Yaşadığı yer",
    "Ünvan", "Razılıq", "Razılıq tarixi",
)  # fmt: skip

Row = dict[str, Any]


def rows(families: int, members: int = 3, **other: Any) -> list[Row]:
    """Make the rows of so many families, the head first."""
    return [
        row(number, "başçı" if member == 0 else "oğlu", **other)
        for number in range(1, families + 1)
        for member in range(members)
    ]


def row(number: Any, relation: str = "başçı", **other: Any) -> Row:
    """Make one row; others by their headers' first words, such as `FIN="…"`."""
    made: Row = dict(
        zip(
            HEADERS,
            (
                number, "Həsənov", "Əli", "Vaqif oğlu", "kişi", "02.03.1961", fin(),
                phone().replace("+994", "0"), relation, "Ağdam", "Novruzlu", "Bərdə rayonu",
                "Bərdə", "Nizami küç. 14", "bəli", "01.11.2025",
            ),
            strict=True,
        )
    )  # fmt: skip
    for name, value in other.items():
        header = next(each for each in HEADERS if each.replace(" ", "_").startswith(name))
        made[header] = value
    return made


def as_csv(
    listed: Sequence[Row], *, encoding: str = "utf-8", separator: str = ";", bom: bytes = b""
) -> bytes:
    """Write a list as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADERS, delimiter=separator)
    writer.writeheader()
    writer.writerows(listed)
    return bom + text.getvalue().encode(encoding)


def as_xlsx(listed: Sequence[Row]) -> bytes:
    """Write a list as a workbook."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(
        file, {"default_date_format": "dd.mm.yyyy", "strings_to_formulas": False}
    ) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADERS)
        for number, each in enumerate(listed, start=1):
            sheet.write_row(number, 0, [each[header] for header in HEADERS])
    return file.getvalue()


async def upload(client: httpx.AsyncClient, content: bytes, name: str = "list.csv") -> Row:
    """Upload a file and give the import."""
    answer = await client.post("/v1/imports", files={"file": (name, content)})
    assert answer.status_code in {200, 201}, answer.text
    made: Row = answer.json()
    return made


async def until(client: httpx.AsyncClient, id_: str, *states: str, seconds: float = 180) -> Row:
    """Wait until an import is in one of these states."""

    async def look() -> Row:
        found: Row = (await client.get(f"/v1/imports/{id_}")).json()
        assert found["state"] in states, found
        return found

    return await eventually(look, seconds)


async def checked(client: httpx.AsyncClient, content: bytes, name: str = "list.csv") -> Row:
    """Upload a file and wait for the end of its dry run."""
    made = await upload(client, content, name)
    return await until(client, made["id"], "checked", "refused", "unmapped", "failed")


async def errors(client: httpx.AsyncClient, id_: str, language: str = "en") -> list[Row]:
    """All errors of an import."""
    found: list[Row] = []
    query = {"language": language, "limit": "200"}
    while True:
        answer = await client.get(f"/v1/imports/{id_}/errors", params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["items"]
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]
