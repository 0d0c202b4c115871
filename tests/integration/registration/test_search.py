"""The one search box: any spelling, number, place or ticket, and the best first."""

import random
from typing import Any

import asyncpg
import httpx
import pytest

from services.registration.search.alphabet import ALPHABET, order_of
from tests.integration.registration.hearing import enrol, publish_event, wrong_fields
from tests.support.bodies import family, fin, person, phone, place
from tests.system import System

Hit = dict[str, Any]

_LETTERS = "bcdfhlmnprstvz"
_fresh = random.Random(2026)


def rare(length: int = 9) -> str:
    """Make a name that no other test has, and none within two letters of it."""
    return "".join(_fresh.choice(_LETTERS) for _ in range(length)).capitalize()


async def registered(registrar: httpx.AsyncClient, **fields: Any) -> Hit:
    settlement = fields.pop("settlement", "Novruzlu")
    body = family(place(), person(**fields))
    body["origin"]["settlement"] = settlement
    answer = await registrar.post("/v1/families", json=body)
    assert answer.status_code == 201, answer.text
    made: Hit = answer.json()
    return made


async def found(registrar: httpx.AsyncClient, q: str, limit: int = 20) -> list[Hit]:
    answer = await registrar.get("/v1/search", params={"q": q, "limit": limit})
    assert answer.status_code == 200, answer.text
    items: list[Hit] = answer.json()["items"]
    return items


def names(hits: list[Hit]) -> list[str]:
    return [f"{hit['given_name']} {hit['family_name']}" for hit in hits]


@pytest.mark.parametrize("typed", ["Əliyev", "Aliyev", "Алиев", "ALIYEV", "əliyev", "Eliyev"])
async def test_any_spelling_finds_a_person_and_says_why(
    registrar: httpx.AsyncClient, typed: str
) -> None:
    given = rare()
    made = await registered(registrar, given_name=given, family_name="Əliyev")
    [first, *_] = await found(registrar, f"{typed} {given}")
    assert first["family_id"] == made["id"]
    assert first["person_id"] == made["members"][0]["id"]
    [by_name, by_given] = first["matched"]
    assert by_name["by"] == ("exact" if typed.lower() == "əliyev" else "spelling")
    assert (by_name["fields"], by_given["fields"]) == (["family_name"], ["given_name"])
    assert first["score"] == (1.0 if by_name["by"] == "exact" else 0.95)


async def test_words_come_in_any_order_and_villages_are_words_too(
    registrar: httpx.AsyncClient,
) -> None:
    village = rare()
    made = await registered(registrar, given_name="Əli", settlement=village)
    for typed in (f"Əli Həsənov {village}", f"{village} hasanov", f"vaqif {village} əli"):
        assert (await found(registrar, typed))[0]["family_id"] == made["id"]


@pytest.mark.parametrize(
    ("given", "typed"),
    [
        ("Gülbəniz", "Gülbəniiz"),
        ("Gülbəniz", "Gülbnəiz"),
        ("Gülbəniz", "Gülbniz"),
        ("Gülbəniz", "Gölbənis"),
        ("Gülbəniz", "Gubanz"),
        ("Ağaverdi", "Aqhaverdii"),
        ("Tamerlan", "Tomerlan"),
        ("Zərifə", "Zərfə"),
        ("Eldəniz", "Dləniz"),
    ],
)
async def test_one_or_two_slips_still_find(
    registrar: httpx.AsyncClient, given: str, typed: str
) -> None:
    family_name = rare()
    made = await registered(registrar, given_name=given, family_name=family_name)
    [first, *_] = await found(registrar, f"{typed} {family_name}")
    assert first["family_id"] == made["id"]
    assert len(first["matched"]) == 2


async def test_the_nearer_spelling_comes_first(registrar: httpx.AsyncClient) -> None:
    last = rare()
    for given in ("Nəzakət", "Nazakat", "Nəzakətxanım", "Nəzaket", "Nezaqət", "Nəzakəd"):
        await registered(registrar, given_name=given, family_name=last)
    hits = await found(registrar, f"Nazakat {last}")
    assert [hit["matched"][0]["by"] for hit in hits] == [
        "exact",
        *["spelling"] * 3,
        "beginning",
        "typo",
    ]
    assert hits == sorted(hits, key=lambda hit: -hit["score"])


async def test_who_misses_a_word_is_found_where_nobody_has_them_all(
    registrar: httpx.AsyncClient,
) -> None:
    given, last, village = rare(), rare(), rare()
    two = await registered(registrar, given_name=given, family_name=last)
    one = await registered(registrar, given_name=given)
    hits = await found(registrar, f"{given} {village} {last}")
    assert [hit["family_id"] for hit in hits] == [two["id"]]
    assert [match["term"] for match in hits[0]["matched"]] == [given.lower(), last.lower()]
    hits = await found(registrar, f"{given} {village}")
    assert {hit["family_id"] for hit in hits} == {one["id"], two["id"]}


async def test_of_many_who_have_all_words_the_first_of_the_alphabet_come(
    registrar: httpx.AsyncClient,
) -> None:
    given, last = rare(), rare()
    names = [rare(5) for _ in range(450)]
    for start in range(0, len(names), 30):
        members = [
            person(given_name=given, family_name=last, patronymic=name, fin=None, phone=None)
            for name in names[start : start + 30]
        ]
        answer = await registrar.post("/v1/families", json=family(place(), *members))
        assert answer.status_code == 201, answer.text
    hits = await found(registrar, f"{last} {given}")
    assert [hit["patronymic"] for hit in hits] == sorted(names, key=order_of)[:20]


async def test_ties_stand_in_the_order_of_the_alphabet(registrar: httpx.AsyncClient) -> None:
    last = rare()
    ordered = [
        *("Cavid", "Çingiz", "Elçin", "Əsəd", "Güney", "Ğənim", "Həsən", "Xəyal", "Iradə", "İlqar"),
        *("Kamal", "Qalib", "Oqtay", "Öqtay", "Sona", "Şəmsi", "Umud", "Ülkər", "Zaur"),
    ]
    for name in sorted(ordered):
        await registered(registrar, given_name=name, family_name=last)
    hits = await found(registrar, last, 50)
    assert [hit["given_name"] for hit in hits] == ordered


async def test_the_order_of_names_is_that_of_postgres(alone: System) -> None:
    chance = random.Random(7)
    made = ["".join(chance.choices(ALPHABET, k=chance.randrange(1, 7))) for _ in range(500)]
    async with alone.database() as database:
        assert await _sorted_by_postgres(database, list(ALPHABET)) == list(ALPHABET)
        for words in (sorted(ALPHABET), made):
            assert sorted(words, key=order_of) == await _sorted_by_postgres(database, words)
    for small, capital in zip("iıəğçşöü", "İIƏĞÇŞÖÜ", strict=True):
        assert order_of(small) == order_of(capital)


async def _sorted_by_postgres(database: asyncpg.Connection, words: list[str]) -> list[str]:
    rows = await database.fetch(
        'SELECT word FROM unnest($1::text[]) AS w(word) ORDER BY word COLLATE "az-x-icu", word',
        words,
    )
    return [row["word"] for row in rows]


async def test_a_fin_a_phone_and_its_last_digits_find(registrar: httpx.AsyncClient) -> None:
    made = await registered(registrar)
    member = made["members"][0]
    digits = member["phone"].removeprefix("+994")
    dialled = [
        f"+994{digits}",
        f"0{digits}",
        f"00994{digits}",
        f"(0{digits[:2]}) {digits[2:5]}-{digits[5:7]}-{digits[7:]}",
        f"994 {digits[:2]} {digits[2:]}",
        digits[-7:],
        digits[-4:],
    ]
    for typed in (member["fin"], member["fin"].lower(), *dialled):
        hits = await found(registrar, typed, 50)
        assert made["id"] in [hit["family_id"] for hit in hits], typed
    assert (await found(registrar, member["fin"]))[0]["matched"] == [
        {"term": member["fin"], "by": "fin", "fields": ["fin"]}
    ]
    named = (await found(registrar, f"Əli {digits[-4:]}"))[0]
    assert named["person_id"] == member["id"]
    assert {match["by"] for match in named["matched"]} == {"phone", "exact"}
    assert await found(registrar, digits[-3:]) == []


async def test_a_whole_ticket_finds_who_has_seats_by_it(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    enrolment = await enrol(registrar, await publish_event(alone, registrar), 2)
    path = f"/v1/enrolments/{enrolment['id']}/ticket"
    token = (await registrar.get(path)).json()["token"]
    for typed in (enrolment["ticket"], enrolment["ticket"].lower(), token):
        hits = await found(registrar, typed)
        assert {hit["person_id"] for hit in hits} == set(enrolment["person_ids"])
        assert {hit["matched"][0]["by"] for hit in hits} == {"ticket"}
    forged = token[:60] + ("0" if token[60] != "0" else "1") + token[61:]
    for typed in (enrolment["ticket"][:-1], token[:-1], forged):
        assert await found(registrar, typed) == []


async def test_two_names_written_together_are_found_apart(registrar: httpx.AsyncClient) -> None:
    together, apart = rare(5), rare(5)
    made = await registered(registrar, given_name=f"Hacı{together.lower()}")
    assert (await found(registrar, f"hacı {together}"))[0]["family_id"] == made["id"]
    made = await registered(registrar, given_name=f"Mir {apart}")
    assert (await found(registrar, f"mir{apart}"))[0]["family_id"] == made["id"]


async def test_what_was_changed_is_found_and_what_it_was_is_not(
    registrar: httpx.AsyncClient,
) -> None:
    before, after, village = rare(), rare(), rare()
    made = await registered(registrar, family_name=before)
    members = [{**made["members"][0], "family_name": after}, person(relation="child")]
    answer = await registrar.patch(
        f"/v1/families/{made['id']}",
        json={"members": members, "origin": {**made["origin"], "settlement": village}},
        headers={"If-Match": '"1"'},
    )
    assert answer.status_code == 200, answer.text
    assert await found(registrar, before) == []
    assert [hit["family_id"] for hit in await found(registrar, after)] == [made["id"]]
    assert len(await found(registrar, village)) == 2
    members = answer.json()["members"][:1]
    await registrar.patch(
        f"/v1/families/{made['id']}", json={"members": members}, headers={"If-Match": '"2"'}
    )
    assert len(await found(registrar, village)) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "%",
        "_____",
        "'; DROP TABLE persons; --",
        "\\",
        "🙂" * 200,
        "\u202eveilA",
        "(((",
        "{}",
        "😀 %_",
    ],
)
async def test_hostile_text_finds_nobody_and_breaks_nothing(
    registrar: httpx.AsyncClient, typed: str
) -> None:
    before = await found(registrar, "Əli", 1)
    for hit in await found(registrar, typed):
        assert hit["matched"]
    families = await registrar.get("/v1/families", params={"q": typed})
    assert families.status_code == 200
    assert len(await found(registrar, "Əli", 1)) == len(before)


async def test_what_cannot_be_searched_for_is_refused(registrar: httpx.AsyncClient) -> None:
    for typed in ("", "x" * 201, "a\x00b"):
        answer = await registrar.get("/v1/search", params={"q": typed})
        assert wrong_fields(answer) == ["q"], typed
    assert wrong_fields(await registrar.get("/v1/search", params={"q": "a", "limit": 51})) == [
        "limit"
    ]


async def test_search_is_for_registrars_and_auditors(alone: System) -> None:
    for roles, status in (((), 401), (("organiser",), 403), (("auditor",), 200)):
        client = alone.client("registration", *roles)
        assert (await client.get("/v1/search", params={"q": "Əli"})).status_code == status


async def test_no_number_stands_in_what_is_found(registrar: httpx.AsyncClient) -> None:
    number, identity = phone(), fin()
    await registered(registrar, phone=number, fin=identity)
    answer = await registrar.get("/v1/search", params={"q": number[-4:]})
    assert number not in answer.text
    assert identity not in answer.text
