"""The pages of duplicates: listed, seen side by side, decided with a reason, in three languages."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.integration.registration.accounts import Accounts
from tests.integration.registration.test_duplicates import again, opened, register, unlike
from tests.integration.registration.test_page_frame import hidden, sign_in
from tests.support.bodies import place
from tests.system import System


@pytest.fixture
async def accounts(alone: System) -> AsyncIterator[Accounts]:
    async with Accounts.of(alone) as made:
        yield made


@pytest.fixture
async def browser(alone: System) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=alone.urls["registration"], trust_env=False) as client:
        yield client


async def _find(browser: httpx.AsyncClient, wanted: str) -> None:
    """Look through the list, page by page: the cases of other tests are in it too."""
    path: str | None = "/duplicates"
    while path is not None:
        listed = await browser.get(path)
        assert listed.status_code == 200
        if wanted in listed.text:
            return
        more = re.search(r'href="(/duplicates\?cursor=[^"]+)"', listed.text)
        path = more and more[1]
    pytest.fail(f"{wanted} is on no page")


async def test_a_clerk_looks_at_both_and_says_why_they_are_different(
    browser: httpx.AsyncClient, accounts: Accounts, registrar: httpx.AsyncClient
) -> None:
    at, known = place(), unlike()
    one = await register(registrar, known, at=at)
    two = await register(registrar, again(known, given_name="Али"), at=at)
    case = await opened(registrar, one, two)
    account = await accounts.add("registrar")
    await sign_in(browser, account.staff.login)
    await _find(browser, f'href="/duplicates/{case["id"]}"')
    path = f"/duplicates/{case['id']}"
    for language, said in (
        ("az", "Ad eynidir, yazılışı fərqlidir"),
        ("en", "The given name is the same in another spelling"),
        ("ru", "Имя то же, написано иначе"),
    ):
        browser.cookies.set("qayidis_language", language)
        page = await browser.get(path)
        assert page.status_code == 200
        assert said in page.text
    claimed = await browser.post(f"{path}/claim", data=hidden(page))
    assert claimed.headers["Location"] == path
    shown = await browser.get(path)
    assert f'action="{path}/release"' in shown.text
    empty = await browser.post(f"{path}/dismiss", data={**hidden(shown), "reason": " "})
    assert empty.status_code == 422
    fields = {**hidden(await browser.get(path)), "reason": "Qohumdurlar"}
    done = await browser.post(f"{path}/dismiss", data=fields)
    assert done.status_code == 303, done.text
    closed = (await registrar.get(f"/v1/duplicates/{case['id']}")).json()
    assert (closed["state"], closed["reason"]) == ("dismissed", "Qohumdurlar")
    assert closed["decided_by"] == f"staff:{account.staff.id}"
    assert "Qohumdurlar" in (await browser.get(path)).text


async def test_another_clerks_case_is_not_decided(
    browser: httpx.AsyncClient, accounts: Accounts, registrar: httpx.AsyncClient
) -> None:
    at, known = place(), unlike()
    one = await register(registrar, known, at=at)
    two = await register(registrar, again(known), at=at)
    case = await opened(registrar, one, two)
    await registrar.post(f"/v1/duplicates/{case['id']}/claim")
    await sign_in(browser, (await accounts.add("registrar")).staff.login)
    page = await browser.get(f"/duplicates/{case['id']}")
    assert "/dismiss" not in page.text
    forced = {**hidden(await browser.get("/families/new")), "reason": "x"}
    answer = await browser.post(f"/duplicates/{case['id']}/dismiss", data=forced)
    assert answer.status_code == 409
