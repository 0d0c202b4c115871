"""The auditor's page: searched by what was typed, and for auditors alone."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.integration.registration.accounts import Accounts
from tests.integration.registration.test_page_frame import hidden, sign_in
from tests.support.bodies import household, place
from tests.system import System


@pytest.fixture
async def accounts(alone: System) -> AsyncIterator[Accounts]:
    async with Accounts.of(alone) as made:
        yield made


@pytest.fixture
async def browser(alone: System) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=alone.urls["registration"], trust_env=False) as client:
        yield client


async def test_an_auditor_finds_who_saw_a_family(
    browser: httpx.AsyncClient, accounts: Accounts, registrar: httpx.AsyncClient, alone: System
) -> None:
    family = (await registrar.post("/v1/families", json=household(place(), 1))).json()["id"]
    await registrar.get(f"/v1/families/{family}")
    account = await accounts.add("auditor")
    await sign_in(browser, account.staff.login)
    page = await browser.get("/audit", params={"subject_id": family})
    assert page.status_code == 200
    assert page.text.count("<td>family.re") == 2
    one = await browser.get("/audit", params={"subject_id": family, "action": "family.read"})
    assert one.text.count("<td>family.re") == 1
    none = await browser.get("/audit", params={"subject_id": family, "to": "2026-01-01"})
    assert none.text.count("<td>family.re") == 0
    many = await browser.get("/audit")
    assert many.status_code == 200
    for query in ({"subject_id": "x"}, {"from": "x"}, {"to": "9999-12-31"}, {"cursor": "x"}):
        wrong = await browser.get("/audit", params=query)
        assert wrong.status_code == 422, query
        assert 'class="mistakes"' in wrong.text
    auditor = alone.client("registration", "auditor")
    seen = await auditor.get("/v1/audit", params={"actor": f"staff:{account.staff.id}"})
    actions = [each["action"] for each in seen.json()["items"]]
    assert actions.count("audit.searched") == 4


async def test_what_an_auditor_types_gets_into_the_address_only_where_it_names_nobody(
    browser: httpx.AsyncClient, accounts: Accounts
) -> None:
    await sign_in(browser, (await accounts.add("auditor")).staff.login)
    csrf = hidden(await browser.get("/audit"))["csrf"]
    for name in ("actor", "action", "subject_id", "from", "to"):
        for text in ("5ZK210B", "+994502000000", "050 200 00 00", "Həsənov", "Əli", "a\0b"):
            answer = await browser.post("/audit", data={"csrf": csrf, name: text})
            assert answer.status_code == 422, (name, text)
            assert "location" not in answer.headers
    asked = {"actor": "staff:x", "action": "family.read", "subject_id": "", "from": "2026-11-01"}
    answer = await browser.post("/audit", data={"csrf": csrf, **asked})
    there = "/audit?actor=staff%3Ax&action=family.read&from=2026-11-01"
    assert (answer.status_code, answer.headers["location"]) == (303, there)
    page = await browser.get(there)
    assert page.status_code == 200
    assert 'value="family.read"' in page.text
    assert (await browser.post("/audit", data={"csrf": csrf})).headers["location"] == "/audit"
    assert (await browser.post("/audit", data=asked)).status_code == 403


async def test_a_registrar_does_not_see_it(browser: httpx.AsyncClient, accounts: Accounts) -> None:
    account = await accounts.add("registrar")
    await sign_in(browser, account.staff.login)
    assert (await browser.get("/audit")).status_code == 403
