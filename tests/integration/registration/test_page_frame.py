"""The frame of every page: signing in, headers, forged forms, second clicks, languages."""

import hashlib
import re
from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest

from tests.integration.registration.accounts import PASSWORD, Accounts
from tests.system import System

COOKIE = "qayidis_session"


@pytest.fixture(scope="module")
async def accounts(alone: System) -> AsyncIterator[Accounts]:
    async with Accounts.of(alone) as made:
        yield made


@pytest.fixture
async def browser(alone: System) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without scripts that follows no redirect by itself."""
    async with httpx.AsyncClient(base_url=alone.urls["registration"], trust_env=False) as client:
        yield client


def hidden(page: httpx.Response) -> dict[str, str]:
    """Give the hidden fields of a page's main form."""
    main = page.text.partition("<main")[2]
    return {
        name: unescape(value)
        for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', main)
    }


async def sign_in(
    browser: httpx.AsyncClient, login: str, password: str = PASSWORD
) -> httpx.Response:
    """Fill in the sign-in form."""
    page = await browser.get("/sign-in")
    fields = {**hidden(page), "login": login, "password": password}
    return await browser.post("/sign-in", data=fields)


async def test_signing_in_leads_back_and_out_again(
    browser: httpx.AsyncClient, accounts: Accounts
) -> None:
    account = await accounts.add("registrar")
    page = await browser.get("/sign-in", params={"next": "/language?to=az"})
    fields = {**hidden(page), "login": account.staff.login, "password": PASSWORD}
    answer = await browser.post("/sign-in", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/language?to=az")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    again = await browser.get("/sign-in")
    assert again.status_code == 303
    token = browser.cookies[COOKIE]
    assert (await browser.post("/sign-out")).status_code == 403
    csrf = hashlib.sha256(f"form {token}".encode()).hexdigest()
    out = await browser.post("/sign-out", data={"csrf": csrf})
    assert out.headers["location"] == "/sign-in"
    browser.cookies.set(COOKIE, token)
    assert (await browser.get("/sign-in")).status_code == 200


async def test_a_wrong_password_is_said_and_nothing_typed_is_lost(
    browser: httpx.AsyncClient, accounts: Accounts
) -> None:
    account = await accounts.add("registrar")
    answer = await sign_in(browser, account.staff.login, "wrong")
    assert answer.status_code == 401
    assert account.staff.login in answer.text
    assert "İstifadəçi adı və ya parol düzgün deyil." in answer.text
    assert "wrong" not in answer.text.replace("-wrong", "").replace('class="wrong"', "")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_from_elsewhere_is_refused(
    browser: httpx.AsyncClient, accounts: Accounts, headers: dict[str, str]
) -> None:
    account = await accounts.add("registrar")
    page = await browser.get("/sign-in")
    fields = {**hidden(page), "login": account.staff.login, "password": PASSWORD}
    answer = await browser.post("/sign-in", data=fields, headers=headers)
    assert answer.status_code == 403
    assert COOKIE not in browser.cookies


async def test_a_form_without_the_token_of_its_session_is_refused(
    browser: httpx.AsyncClient, accounts: Accounts
) -> None:
    account = await accounts.add("registrar")
    page = await browser.get("/sign-in")
    fields = {**hidden(page), "login": account.staff.login, "password": PASSWORD}
    for csrf in ("", "0" * 64, fields["csrf"][:-1] + "é"):
        answer = await browser.post("/sign-in", data={**fields, "csrf": csrf})
        assert answer.status_code == 403
    browser.cookies.clear()
    assert (await browser.post("/sign-in", data=fields)).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example", "/\t/e", "x"],
)
async def test_signing_in_never_leads_elsewhere(browser: httpx.AsyncClient, path: str) -> None:
    assert hidden(await browser.get("/sign-in", params={"next": path}))["next"] == "/"
    answer = await browser.get("/language", params={"to": "ru", "next": path})
    assert answer.headers["location"] == "/"


async def test_pages_are_protected_and_kept_by_nobody(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/sign-in")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    docs = await browser.get("/docs")
    assert "content-security-policy" not in docs.headers


async def test_assets_are_kept_for_ever_under_their_own_hash(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/sign-in")
    names = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert len(names) == 3
    for name in names:
        answer = await browser.get(name)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await browser.get("/static/desk/desk.0123456789ab.css")).status_code == 404
    assert (await browser.get("/static/..%2fdesk/pages.py")).status_code == 404


async def test_the_language_is_chosen_kept_or_asked_for(browser: httpx.AsyncClient) -> None:
    assert '<html lang="az">' in (await browser.get("/sign-in")).text
    asked = {"Accept-Language": "de, ru;q=0.8, en;q=0.3, x;q=many"}
    assert '<html lang="ru">' in (await browser.get("/sign-in", headers=asked)).text
    chosen = await browser.get("/language", params={"to": "en", "next": "/sign-in"})
    assert chosen.headers["location"] == "/sign-in"
    page = await browser.get("/sign-in", headers=asked)
    assert page.headers["content-language"] == "en"
    assert "Password" in page.text
