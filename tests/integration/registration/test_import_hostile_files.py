"""Files that mean harm, or are broken: each refused with a sentence, and nothing half done."""

import io
import os
import socket
import zipfile
from collections.abc import AsyncIterator, Callable

import httpx
import openpyxl
import pytest

from tests.integration.registration.hearing import refused
from tests.support.lists import HEADERS, as_csv, as_xlsx, checked, errors, row, rows, upload
from tests.system import System

HEADER = ";".join(HEADERS)


def repacked(change: Callable[[str, bytes], bytes]) -> bytes:
    """A workbook with its parts changed."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(as_xlsx(rows(1)))) as good,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for entry in good.infolist():
            bad.writestr(entry.filename, change(entry.filename, good.read(entry)))
    return file.getvalue()


def with_entities(name: str, content: bytes) -> bytes:
    if not name.startswith("xl/worksheets/sheet"):
        return content
    declared = b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet'
    return content.replace(b"<worksheet", declared, 1)


def bomb(name: str, content: bytes) -> bytes:
    return content + b" " * 900_000_000 if name == "xl/sharedStrings.xml" else content


def liar() -> bytes:
    """A zip whose directory says that a part is small."""
    content = bytearray(repacked(lambda n, c: c + b" " * 30_000_000 if "sharedS" in n else c))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as package:
        size = package.getinfo("xl/sharedStrings.xml").file_size
    return bytes(content).replace(size.to_bytes(4, "little"), (1_000).to_bytes(4, "little"))


def spread(last: str) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(HEADERS)
    book.active[last] = "x"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def zipped(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr(name, "x")
    return file.getvalue()


BROKEN = (
    "The workbook is broken. Open it in the program it comes from, save it and upload it again."
)
BOMB = "The workbook unpacks to more than may be read. Split the list."
QUOTES = "The quotes around the cells of row {} do not match, or a cell is too long."


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\n \n", "The file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        (HEADER.encode(), "The file has headers, but no rows."),
        (b"MZ\x90\0\3\0\0\0" + b"\0" * 500, "This is a program, not a CSV or XLSX file."),
        (b"\x7fELF" + bytes(500), "This is a program, not a CSV or XLSX file."),
        (b"%PDF-1.7 ...", "This is a PDF, not a CSV or XLSX file."),
        (bytes(range(256)) * 20, "This is not a CSV or XLSX file."),
        (b"<html><table></table></html>", "This is a web page, not a CSV or XLSX file."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
            "This is an old .xls workbook, or one with a password. "
            "Save it as .xlsx without a password, or as CSV, and upload it again.",
        ),
        (as_xlsx(rows(1))[:2_000], BROKEN),
        (repacked(lambda n, c: c[: len(c) // 2] if "sheet1" in n else c), BROKEN),
        (repacked(with_entities), "The workbook declares entities, which no office program does."),
        (zipped("letter.txt"), "This is a zip archive, not a CSV or XLSX file."),
        (zipped("xl/workbook.xml"), BROKEN),
        (
            spread("XFD1048576"),
            "The list has more than 200 columns (there is a cell XFD1048576).",
        ),
        (
            spread("A1048576"),
            "The list has more than 200000 rows (there is a cell A1048576). Split it.",
        ),
        (";".join(map(str, range(10_000))).encode(), "Row 1 has more than 200 columns."),
        (
            f"{HEADER};{HEADERS[6].lower()}\n1".encode(),
            "Columns 7 and 17 have the same header. Rename one of them.",
        ),
        (f'{HEADER}\n"1;2\n3;4\n'.encode(), QUOTES.format(2)),
        (f'{HEADER}\n1;2\n"1"x;2\n'.encode(), QUOTES.format(3)),
        (f"{HEADER}\n1;{'x' * 9_000}\n".encode(), QUOTES.format(2)),
        (
            b"\xef\xbb\xbf" + HEADER.encode() + b"\n1;\xff\xfe\n",
            "The letters of row 2 cannot be read. Save the file as CSV UTF-8.",
        ),
    ],
    ids=lambda each: each[:30] if isinstance(each, str) else "",
)
async def test_a_file_that_is_no_list_is_refused(
    registrar: httpx.AsyncClient, alone: System, content: bytes, why: str
) -> None:
    made = await checked(registrar, content)
    found = await registrar.get(f"/v1/imports/{made['id']}", params={"language": "en"})
    assert (found.json()["state"], found.json()["refusal"]) == ("refused", why)
    in_azerbaijani = made["refusal"]
    assert in_azerbaijani
    assert in_azerbaijani != why
    refused(await registrar.post(f"/v1/imports/{made['id']}/commit"), 409, "wrong-state")
    async with alone.database() as database:
        for table in ("import_rows", "import_families", "import_faults"):
            query = f"SELECT count(*) FROM registration.{table} WHERE import_id = $1"
            assert await database.fetchval(query, made["id"]) == 0


async def test_zip_bombs_are_refused_by_what_they_say_and_by_what_they_are(
    registrar: httpx.AsyncClient,
) -> None:
    for content, why in ((repacked(bomb), BOMB), (liar(), BROKEN)):
        made = await checked(registrar, content)
        found = await registrar.get(f"/v1/imports/{made['id']}", params={"language": "en"})
        assert found.json()["refusal"] == why


async def test_strange_cells_are_errors_of_their_rows(registrar: httpx.AsyncClient) -> None:
    listed = [row(1, Soyadı="Ə\0"), row(2, Adı="x" * 300), row(3, Ünvan="=1+1")]
    content = as_csv(listed) + f"4;{'a;' * 20}\r\n".encode()
    made = await checked(registrar, content)
    found = [
        (each["row"], each["field"], each["message"])
        for each in await errors(registrar, made["id"])
    ]
    assert (2, "family_name", "must not contain control characters") in found
    assert (3, "given_name", "must be at most 200 characters") in found
    assert (5, None, "has 22 cells, but there are 16 headers") in found
    assert not [each for each in found if each[0] == 4]


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1251", "Алиев"), ("cp1254", "Alıyev Şükür Ğöçü")]
)
async def test_old_code_pages_are_told_apart(
    registrar: httpx.AsyncClient, encoding: str, name: str
) -> None:
    headers = "family number;surname;given name;sex;birth date;relation;origin district;" \
        "origin settlement;residence district;residence settlement;phone"  # fmt: skip
    cyrillic = encoding == "cp1251"
    words = "Гусейн;муж;01.02.1970;глава;Агдам;Новрузлу;Барда;Барда" if cyrillic else (
        "Hüseyn;male;01.02.1970;head;AZ-AGM;Novruzlu;AZ-BAR;Gence şeheri"
    )  # fmt: skip
    content = f"{headers}\n{os.urandom(4).hex()};{name};{words};050 123 45\n".encode(encoding)
    made = await checked(registrar, content)
    assert (made["state"], made["encoding"]) == ("checked", encoding), made
    answer = await registrar.get(f"/v1/imports/{made['id']}/bad-rows")
    assert name in answer.content.decode("utf-8-sig")


async def test_a_file_of_two_gigabytes_is_refused_before_it_is_sent(
    alone: System, registrar: httpx.AsyncClient
) -> None:
    token = registrar.headers["Authorization"]
    head = (
        "POST /v1/imports HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: {token}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    )
    with socket.create_connection(("127.0.0.1", alone.ports["registration"]), 10) as connection:
        connection.sendall(f"{head}Content-Length: 2147483648\r\n\r\n".encode())
        assert b" 413 " in connection.recv(100)


async def test_a_file_without_a_length_is_refused_while_it_comes(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(60):
            yield b"a" * 1_000_000

    answer = await registrar.post(
        "/v1/imports",
        content=endless(),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    refused(answer, 413, "too-large")
    async with alone.database() as database:
        query = "SELECT count(*) FROM registration.imports WHERE state = 'uploading'"
        assert await database.fetchval(query) == 0


OTHER_PART = b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n1\r\n--x--\r\n'
CUT_OFF = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n1'


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/csv", b"a;b"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"nonsense"),
        ("multipart/form-data; boundary=x", OTHER_PART),
        ("multipart/form-data; boundary=x", CUT_OFF),
    ],
)
async def test_a_body_without_a_file_is_refused(
    registrar: httpx.AsyncClient, kind: str, body: bytes
) -> None:
    answer = await registrar.post("/v1/imports", content=body, headers={"Content-Type": kind})
    refused(answer, 422, "invalid")


async def test_a_name_of_a_file_is_only_a_name(registrar: httpx.AsyncClient) -> None:
    made = await upload(registrar, as_csv(rows(1)), "..\\../etc/<b>pass\nwd.csv")
    assert "/" not in made["name"]
    assert made["name"].endswith("wd.csv")
