"""The page of one account: changed as it was seen, and no password is lost in silence."""

import asyncio
import re
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from services.registration.staff.domain import Account
from tests.integration.registration.accounts import PASSWORD, Accounts
from tests.integration.registration.test_page_frame import hidden, sign_in
from tests.system import System


@pytest.fixture(scope="module")
async def accounts(alone: System) -> AsyncIterator[Accounts]:
    async with Accounts.of(alone) as made:
        yield made


@pytest.fixture
async def browser(alone: System, accounts: Accounts) -> AsyncIterator[httpx.AsyncClient]:
    """An operator's browser."""
    async with browser_of(alone) as client:
        await sign_in(client, (await accounts.add("operator")).staff.login)
        yield client


def browser_of(system: System) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=system.urls["registration"], trust_env=False)


def form_of(page: httpx.Response) -> dict[str, str]:
    """Give the hidden fields of the form that changes the account."""
    main = page.text.partition("<main")[2].partition("</form>")[0]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', main))


async def typed_of(
    browser: httpx.AsyncClient, account: Account, **typed: object
) -> dict[str, object]:
    """What one sends who changes some fields of the form."""
    page = await browser.get(f"/staff/{account.staff.id}")
    assert page.status_code == 200
    assert 'value="Kəmalə"' in page.text
    fields = {"name": "Kəmalə", "roles[]": ["registrar"], "language": "az", **typed}
    return {**form_of(page), **fields}


async def test_an_operator_changes_all_of_an_account(
    browser: httpx.AsyncClient, accounts: Accounts, alone: System
) -> None:
    account = await accounts.add("registrar", district="AZ-BAR", email=f"{uuid4().hex}@example.az")
    place = f"/staff/{account.staff.id}"
    async with browser_of(alone) as other:
        await sign_in(other, account.staff.login)
        assert (await other.get(place)).status_code == 403
        email = f"{uuid4().hex}@example.az"
        typed = await typed_of(
            browser, account, **{"roles[]": ["registrar", "auditor"]}, name="Əsmər", email=email
        )
        saved = await browser.post(place, data=typed)
        assert saved.headers["location"] == f"{place}?done=changed", saved.text
        assert (await other.get("/")).headers["location"].startswith("/sign-in")
    page = (await browser.get(place)).text
    assert 'value="Əsmər"' in page
    assert f'value="{email}"' in page
    assert 'value="auditor" checked' in page
    assert 'value="AZ-BAR" selected' not in page
    stale = await browser.post(
        place, data={**typed, **hidden(await browser.get("/staff")), "version": "1"}
    )
    assert stale.status_code == 412
    assert f'href="{place}"' in stale.text


async def test_what_is_wrong_is_said_and_what_was_typed_stays(
    browser: httpx.AsyncClient, accounts: Accounts
) -> None:
    account = await accounts.add("registrar")
    place = f"/staff/{account.staff.id}"
    typed = await typed_of(
        browser, account, **{"roles[]": []}, name="", email="nowhere", district="AZ-QQQ"
    )
    wrong = await browser.post(place, data=typed)
    assert wrong.status_code == 422
    for field in ("name", "roles", "email", "district"):
        assert f'id="{field}-wrong"' in wrong.text, field
    assert 'value="nowhere"' in wrong.text
    assert (await browser.post(place, data={**typed, "do": "harm"})).status_code == 422
    assert (await browser.get(f"/staff/{uuid4()}")).status_code == 404


async def test_the_last_operator_stays_one(
    browser: httpx.AsyncClient, accounts: Accounts, alone: System
) -> None:
    account = await accounts.add("operator")
    async with alone.database() as database, browser_of(alone) as mine:
        await sign_in(mine, account.staff.login)
        others = (
            "UPDATE registration.staff SET disabled_at = {} "
            "WHERE 'operator' = ANY(roles) AND id <> $1 AND login LIKE 'desk-%'"
        )
        await database.execute(others.format("now()"), account.staff.id)
        answer = await mine.post(f"/staff/{account.staff.id}", data=await typed_of(mine, account))
        await database.execute(others.format("NULL"), account.staff.id)
    assert answer.status_code == 409
    assert "Hesabları dəyişə bilən heç kim qalmazdı." in answer.text


async def test_a_form_of_a_new_account_sent_twice_makes_one_and_says_where_it_is(
    browser: httpx.AsyncClient, accounts: Accounts, alone: System
) -> None:
    login = f"a-{uuid4().hex[:10]}"
    form = {**hidden(await browser.get("/staff")), "login": login, "name": "Vüqar"}
    sent = [browser.post("/staff", data={**form, "roles[]": ["registrar"]}) for _ in range(2)]
    made, second = sorted(await asyncio.gather(*sent), key=lambda each: each.status_code)
    assert (made.status_code, second.status_code) == (200, 409)
    async with alone.database() as database:
        [known] = await database.fetch("SELECT id FROM registration.staff WHERE login = $1", login)
    assert f'href="/staff/{known["id"]}"' in second.text
    assert "onun parolunu görmədinizsə, yenisini verin" in second.text


async def test_a_new_password_asked_for_twice_shows_the_one_that_holds(
    browser: httpx.AsyncClient, accounts: Accounts, alone: System
) -> None:
    account = await accounts.add("registrar")
    place = f"/staff/{account.staff.id}"
    form = {**hidden(await browser.get(place)), "do": "password"}
    answers = [await browser.post(place, data=form) for _ in range(2)]
    first, last = (re.findall(r"<code>([a-z0-9-]+)</code>", each.text) for each in answers)
    assert first != last
    for password, status in ((PASSWORD, 401), (first[0], 401), (last[0], 303)):
        async with browser_of(alone) as other:
            assert (await sign_in(other, account.staff.login, password)).status_code == status
