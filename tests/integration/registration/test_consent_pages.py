"""The pages of consents and of a person's whole record."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.registration.desk.formats import today
from services.registration.staff.domain import Account
from tests.integration.registration.accounts import Accounts
from tests.integration.registration.test_page_frame import hidden, sign_in
from tests.support.bodies import household, place
from tests.system import System

Body = dict[str, Any]


@pytest.fixture(scope="module")
async def accounts(alone: System) -> AsyncIterator[Accounts]:
    async with Accounts.of(alone) as made:
        yield made


@pytest.fixture
async def clerk(accounts: Accounts) -> Account:
    return await accounts.add("registrar")


@pytest.fixture
async def browser(alone: System, clerk: Account) -> AsyncIterator[httpx.AsyncClient]:
    """A registrar's browser."""
    async with browser_of(alone) as client:
        await sign_in(client, clerk.staff.login)
        yield client


@pytest.fixture
async def family(registrar: httpx.AsyncClient) -> Body:
    made: Body = (await registrar.post("/v1/families", json=household(place(), 2))).json()
    return made


def browser_of(system: System) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=system.urls["registration"], trust_env=False)


async def send(browser: httpx.AsyncClient, path: str, typed: dict[str, str]) -> httpx.Response:
    """Open the page and send one of its forms."""
    page = await browser.get(path)
    assert page.status_code == 200, page.text
    return await browser.post(path, data={**hidden(page), **typed})


GIVEN = {
    "do": "give",
    "give.purpose": "photographs",
    "give.basis": "consent",
    "give.given_by": "spouse",
    "give.given_on": "2.11.2026",
    "give.channel": "paper",
}


async def test_a_consent_is_given_and_taken_back_with_a_receipt_each(
    browser: httpx.AsyncClient, registrar: httpx.AsyncClient, family: Body
) -> None:
    path = f"/families/{family['id']}/consents"
    assert path in (await browser.get(f"/families/{family['id']}")).text
    assert "İcazə verilməyib" in (await browser.get(path)).text
    given = await send(browser, path, GIVEN)
    assert given.status_code == 303, given.text
    receipt = await browser.get(given.headers["location"])
    assert "tədbirlərdə foto və video" in receipt.text
    assert "02.11.2026" in receipt.text
    for language, said in (("ru", "фото и видео"), ("en", "hotograph"), ("xx", "foto və video")):
        other = await browser.get(f"{given.headers['location']}&in={language}")
        assert said in other.text.partition("<pre")[2], language
    page = (await browser.get(path)).text
    assert "2 noyabr 2026" in page

    read = (await registrar.get(f"/v1/families/{family['id']}")).json()
    assert "photographs" in read["consent"]["purposes"]
    taken = await send(
        browser,
        path,
        {
            "do": "withdraw",
            "withdraw.purpose": "photographs",
            "withdraw.channel": "phone",
            "withdraw.reason": "Şəkil istəmir",
        },
    )
    assert taken.headers["location"].endswith("done=withdrawn")
    assert "icazə geri götürülüb" in (await browser.get(taken.headers["location"])).text
    items = (await registrar.get(f"/v1/families/{family['id']}/consents")).json()["items"]
    assert [(each["purpose"], each["kind"], each["channel"]) for each in items[:2]] == [
        ("photographs", "withdrawn", "phone"),
        ("photographs", "given", "paper"),
    ]
    assert items[0]["reason"] == "Şəkil istəmir"


async def test_what_is_wrong_is_said_beside_the_field(
    browser: httpx.AsyncClient, family: Body
) -> None:
    path = f"/families/{family['id']}/consents"
    tomorrow = f"{today() + timedelta(days=2):%d.%m.%Y}"
    wrong = await send(
        browser, path, {**GIVEN, "give.given_on": tomorrow, "give.purpose": "", "give.basis": "x"}
    )
    assert wrong.status_code == 422
    for field in ("purpose", "basis", "given_on"):
        assert f'id="give.{field}-wrong"' in wrong.text, field
    assert f'value="{tomorrow}"' in wrong.text
    early = await send(browser, path, {**GIVEN, "give.valid_until": "1.11.2026"})
    assert early.status_code == 422
    assert "Verildiyi gündən əvvəl bitə bilməz." in early.text
    empty = await send(browser, path, {"do": "withdraw", "withdraw.purpose": "event_notifications"})
    assert empty.status_code == 422
    assert 'id="withdraw.reason-wrong"' in empty.text
    never = {"do": "withdraw", "withdraw.purpose": "photographs", "withdraw.reason": "x"}
    assert (await send(browser, path, never)).status_code == 409
    for hostile in ({"do": "give", "give": "x"}, {"do": "withdraw", "withdraw": "x"}, {"do": "x"}):
        assert (await send(browser, path, hostile)).status_code == 422, hostile


async def test_an_auditor_reads_and_changes_nothing(
    alone: System, accounts: Accounts, family: Body
) -> None:
    path = f"/families/{family['id']}/consents"
    async with browser_of(alone) as browser:
        await sign_in(browser, (await accounts.add("auditor")).staff.login)
        page = await browser.get(path)
        assert "<form" not in page.text.partition("<main")[2]
        assert "/erase" not in page.text
        csrf = re.findall(r'name="csrf" value="(\w+)"', page.text)[0]
        assert (await browser.post(path, data={**GIVEN, "csrf": csrf})).status_code == 403
        assert (await browser.get(f"/families/{family['id']}/erase")).status_code == 403
        assert (await browser.get(f"/families/{family['id']}/record")).status_code == 200
    async with browser_of(alone) as browser:
        await sign_in(browser, (await accounts.add("organiser")).staff.login)
        for page_of in ("consents", "record", "erase"):
            answer = await browser.get(f"/families/{family['id']}/{page_of}")
            assert answer.status_code == 403, page_of


async def test_other_districts_families_are_not_there(
    alone: System, accounts: Accounts, family: Body
) -> None:
    districts = {family["origin"]["district"], family["residence"]["district"]}
    away = "AZ-GAN" if "AZ-GAN" not in districts else "AZ-BA"
    async with browser_of(alone) as browser:
        account = await accounts.add("registrar", district=away)
        await sign_in(browser, account.staff.login)
        for page in ("consents", f"consents/{uuid4()}", "record", "erase"):
            answer = await browser.get(f"/families/{family['id']}/{page}")
            assert answer.status_code == 404, page


async def test_the_whole_record_is_a_file_with_its_reason_written_down(
    alone: System, browser: httpx.AsyncClient, clerk: Account, family: Body
) -> None:
    path = f"/families/{family['id']}/record"
    person = family["members"][1]["id"]
    refused = await send(browser, path, {"person_id": person, "reason": " "})
    assert refused.status_code == 422
    assert 'id="reason-wrong"' in refused.text
    for _ in range(2):
        taken = await send(browser, path, {"person_id": person, "reason": "Asked in writing"})
        assert taken.status_code == 200
        assert taken.headers["content-disposition"].endswith(f'"record-{person}.json"')
        assert taken.headers["cache-control"] == "no-store"
        assert taken.json()["person"]["id"] == person
    async with alone.database() as database:
        rows = await database.fetch(
            "SELECT actor, reason FROM registration.audit_entries "
            "WHERE subject_id = $1 AND action = 'person.record_read'",
            person,
        )
    mine = ("Asked in writing", clerk.staff.subject)
    assert [(row["reason"], row["actor"]) for row in rows] == [mine] * 2
    nobody = {"person_id": str(uuid4()), "reason": "x"}
    assert (await send(browser, path, nobody)).status_code == 404
