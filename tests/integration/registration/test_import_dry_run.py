"""Lists of families over HTTP: upload, what the columns mean, and the dry run."""

import codecs
import hashlib

import httpx
import pytest

from tests.integration.registration.hearing import refused, wrong_fields
from tests.support import lists
from tests.support.bodies import fin, household, place
from tests.support.lists import as_csv, as_xlsx, checked, errors, row, rows
from tests.system import System


@pytest.mark.parametrize(
    ("encoding", "separator", "bom"),
    [
        ("utf-8", ",", b""),
        ("utf-8", ";", codecs.BOM_UTF8),
        ("utf-8", "\t", b""),
        ("utf-16-le", "\t", codecs.BOM_UTF16_LE),
        ("utf-16-be", ";", codecs.BOM_UTF16_BE),
        ("utf-16-le", ";", b""),
    ],
)
async def test_csv_is_read_as_office_programs_write_it(
    registrar: httpx.AsyncClient, encoding: str, separator: str, bom: bytes
) -> None:
    listed = rows(2, Ünvan='Nizami; 14, "A"\tblok')
    content = as_csv(listed, encoding=encoding, separator=separator, bom=bom)
    made = await checked(registrar, content)
    assert made["state"] == "checked", made
    assert await errors(registrar, made["id"]) == [
        {
            "row": number,
            "field": "residence_address",
            "message": "must not contain control characters",
        }
        for number in range(2, 8)
    ]
    assert made["counts"]["families"] == 2


async def test_a_workbook_is_read_by_its_values(registrar: httpx.AsyncClient) -> None:
    import datetime

    listed = [*rows(1), row(2, Doğum=datetime.date(1961, 3, 2), Telefon=501234567)]
    made = await checked(registrar, as_xlsx(listed), "siyahı.xlsx")
    assert (made["state"], made["format"], made["name"]) == ("checked", "xlsx", "siyahı.xlsx")
    assert made["counts"]["good_families"] == 2
    assert await errors(registrar, made["id"]) == []


async def test_the_dry_run_counts_and_names_every_error(registrar: httpx.AsyncClient) -> None:
    twice = fin()
    listed = [
        *rows(2),
        row(3, FIN="5ABCDO1"),
        row(4, Telefon="12"),
        row(5, Doğum="31.02.1980"),
        row(6, Cinsi="?", Soyadı=""),
        row(7, FIN=twice),
        row(8, FIN=twice),
        row(9, "oğlu"),
        row(10), row(10),
        row(11), row(11, "qızı", Əvvəlki_rayon="Laçın"),
        row(12, Əvvəlki_rayon="Atlantida"),
        row(13, Razılıq_tarixi=""),
        row(""),
    ]  # fmt: skip
    made = await checked(registrar, as_csv(listed))
    found = {
        (each["row"], each["field"]): each["message"]
        for each in await errors(registrar, made["id"])
    }
    assert found == {
        (8, "fin"): "has no letters O and I: did you mean 5ABCD01?",
        (9, "phone"): "must be a phone number of Azerbaijan, like +994501234567 or 050 123 45 67",
        (10, "birth_date"): "there is no such day",
        (11, "sex"): "must be a sex, like kişi or qadın",
        (11, "family_name"): "must not be empty",
        (13, "fin"): "is the FIN of row 12 too",
        (14, "relation"): "the family has no head",
        (16, "relation"): "the family has a head in row 15",
        (18, "origin_district"): "differs from row 17 of the same family",
        (19, "origin_district"): "must be a district of Azerbaijan, like Ağdam or AZ-AGM",
        (20, "consent_on"): "must be there where there is consent",
        (21, "family_key"): "must not be empty",
    }
    counts = dict(made["counts"])
    # Others' tests may have registered somebody who looks the same.
    assert counts.pop("duplicates") <= counts["good_families"]
    assert counts == {
        "rows": 20, "bad_rows": 11, "families": 14, "good_families": 3, "bad_families": 11,
        "already": 0, "written": 0, "turned_away": 0,
    }  # fmt: skip
    first = await registrar.get(
        f"/v1/imports/{made['id']}/errors", params={"limit": 1, "language": "az"}
    )
    assert (
        first.json()["items"][0]["message"]
        == "FİN-də O və I hərfləri olmur: 5ABCD01 yazmaq istəyirdiniz?"
    )


async def test_a_fin_of_the_register_is_an_error(registrar: httpx.AsyncClient) -> None:
    body = household(place(), 1)
    known = await registrar.post("/v1/families", json=body)
    listed = [row(1), row(2, FIN=known.json()["members"][0]["fin"].lower())]
    made = await checked(registrar, as_csv(listed))
    assert await errors(registrar, made["id"]) == [
        {"row": 3, "field": "fin", "message": "somebody with this FIN is registered already"}
    ]
    assert made["counts"]["good_families"] == 1


async def test_columns_are_mapped_by_hand_and_remembered(registrar: httpx.AsyncClient) -> None:
    odd = hashlib.sha256(fin().encode()).hexdigest()[:8]
    content = as_csv(rows(1)).replace("Ailə №".encode(), f"Kod {odd}".encode())
    made = await checked(registrar, content)
    assert (made["state"], made["missing"]) == ("unmapped", ["family_key"])
    url = f"/v1/imports/{made['id']}"
    version = {"If-Match": f'"{made["version"]}"'}
    mapping = {**made["mapping"], "family_key": f"Kod {odd}"}
    mapping.pop("origin_district")
    for wrong in ({"x": "Adı"}, {"fin": "Yox"}, {"fin": "Adı", "phone": "Adı"}):
        answer = await registrar.patch(url, json={"mapping": wrong}, headers=version)
        assert wrong_fields(answer), answer.text
    body = {"mapping": mapping, "constants": {"origin_district": "AZ-LAC"}}
    answer = await registrar.patch(url, json=body, headers=version)
    assert answer.status_code == 200, answer.text
    done = await lists.until(registrar, made["id"], "checked")
    assert done["counts"]["good_families"] == 1
    refused(await registrar.patch(url, json=body, headers=version), 412, "stale")
    again = as_csv(rows(2)).replace("Ailə №".encode(), f"Kod {odd}".encode())
    second = await checked(registrar, again)
    assert (second["state"], second["mapping"]) == ("checked", mapping)
    assert second["constants"] == {"origin_district": "AZ-LAC"}


async def test_the_same_content_is_the_same_import(registrar: httpx.AsyncClient) -> None:
    content = as_csv(rows(1))
    first = await registrar.post("/v1/imports", files={"file": ("a.csv", content)})
    second = await registrar.post("/v1/imports", files={"file": ("b.csv", content)})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert second.headers["Location"] == f"/v1/imports/{first.json()['id']}"


async def test_a_list_lies_sealed(registrar: httpx.AsyncClient, alone: System) -> None:
    secret, address = fin(), "Gizli küçə 77"
    made = await checked(registrar, as_csv([row(1, FIN=secret, Ünvan=address)]))
    async with alone.database() as database:
        for table in (
            "imports",
            "import_pieces",
            "import_rows",
            "import_families",
            "import_faults",
        ):
            for each in await database.fetch(f"SELECT t::text FROM registration.{table} t"):
                for text in (secret, address, "Novruzlu"):
                    assert text not in each[0]
                    assert text.encode().hex() not in each[0]
    assert made["counts"]["good_families"] == 1
