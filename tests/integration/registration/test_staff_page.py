"""The page of staff accounts: made, disabled and signed out by an operator alone."""

import re
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from tests.integration.registration.accounts import Accounts
from tests.integration.registration.test_page_frame import hidden, sign_in
from tests.integration.registration.test_password_page import change_password
from tests.system import System


@pytest.fixture(scope="module")
async def accounts(alone: System) -> AsyncIterator[Accounts]:
    async with Accounts.of(alone) as made:
        yield made


@pytest.fixture
async def browser(alone: System) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=alone.urls["registration"], trust_env=False) as client:
        yield client


async def test_an_operator_makes_an_account_and_ends_its_sessions(
    alone: System, browser: httpx.AsyncClient, accounts: Accounts
) -> None:
    await sign_in(browser, (await accounts.add("operator")).staff.login)
    login = f"a-{uuid4().hex[:10]}"
    page = await browser.get("/staff")
    assert page.status_code == 200
    fields = {**hidden(page), "login": login, "name": "Vüqar", "roles[]": ["registrar"]}
    empty = await browser.post("/staff", data={**fields, "login": "Ə", "name": ""})
    assert empty.status_code == 422
    made = await browser.post("/staff", data={**fields, **hidden(empty), "district": "AZ-BAR"})
    assert made.status_code == 200, made.text
    [password] = re.findall(r"<code>([a-z0-9-]+)</code>", made.text)
    assert password not in (await browser.get("/staff")).text

    url = alone.urls["registration"]
    async with httpx.AsyncClient(base_url=url, trust_env=False) as other:
        assert (await sign_in(other, login, password)).status_code == 303
        assert (await change_password(other, password)).status_code == 303
        assert (await other.get("/staff")).status_code == 403
        assert (await other.get("/")).status_code == 200
        async with alone.database() as database:
            found = await database.fetchrow(
                "SELECT id, version FROM registration.staff WHERE login = $1", login
            )
        for wanted in ("sign-out", "disable"):
            form = {**hidden(await browser.get("/staff")), "do": wanted, "version": "2"}
            done = await browser.post(f"/staff/{found['id']}", data=form)
            assert done.headers["location"] == "/staff?done=changed"
            assert (await other.get("/")).status_code == 303
        stale = {**hidden(await browser.get("/staff")), "do": "enable", "version": "1"}
        assert (await browser.post(f"/staff/{found['id']}", data=stale)).status_code == 412
