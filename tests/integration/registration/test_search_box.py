"""What staff type into the search boxes of pages: no address and no log ever tells it."""

import base64
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid4

import httpx
import pytest

from services.registration.staff.domain import Account
from tests.integration.registration.accounts import Accounts
from tests.integration.registration.hearing import publish_event
from tests.integration.registration.test_page_frame import hidden, sign_in
from tests.support.bodies import family, person, place
from tests.system import System

LOST = "Bu ünvandan nə axtarıldığı artıq bilinmir."


@pytest.fixture(scope="module")
async def account(alone: System) -> Account:
    async with Accounts.of(alone) as accounts:
        return await accounts.add("registrar")


@pytest.fixture
async def browser(alone: System, account: Account) -> AsyncIterator[httpx.AsyncClient]:
    """A registrar's browser without scripts."""
    async with httpx.AsyncClient(base_url=alone.urls["registration"], trust_env=False) as client:
        assert (await sign_in(client, account.staff.login)).status_code == 303
        yield client


@pytest.fixture(scope="module")
async def known(registrar: httpx.AsyncClient) -> dict[str, Any]:
    """Somebody who is looked for."""
    body = family(place(), person(given_name=f"Aytən{uuid4().hex[:6]}"))
    answer = await registrar.post("/v1/families", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["members"][0]
    return made


@pytest.fixture(scope="module")
async def event_id(alone: System, registrar: httpx.AsyncClient) -> UUID:
    return await publish_event(alone, registrar)


@pytest.fixture(params=["/", "/events/"])
def path(request: pytest.FixtureRequest, event_id: UUID) -> str:
    """A page with a box."""
    return request.param if request.param == "/" else f"/events/{event_id}"


async def look(browser: httpx.AsyncClient, path: str, text: str) -> httpx.Response:
    """Type into the box of a page and press Enter."""
    form = hidden(await browser.get(path))
    return await browser.post(path, data={"csrf": form["csrf"], "q": text})


@pytest.mark.parametrize("by", ["fin", "phone", "given_name"])
async def test_what_is_typed_stands_in_no_address_and_is_found(
    browser: httpx.AsyncClient, known: dict[str, Any], path: str, by: str
) -> None:
    typed: str = known[by]
    answer = await look(browser, path, f" {typed} ")
    there = answer.headers["location"]
    assert (answer.status_code, there.partition("?s=")[0]) == (303, path)
    token = there.partition("?s=")[2]
    raw = base64.urlsafe_b64decode(token + "==")
    assert typed.casefold() not in unquote(there).casefold()
    assert typed.encode() not in raw
    # Twice the same text is not the same address, so nobody can compare addresses.
    assert (await look(browser, path, typed)).headers["location"] != there
    for _ in range(2):  # going back asks for the address again
        page = await browser.get(there)
        assert page.status_code == 200
        assert known["given_name"] in page.text
        assert f'value="{typed}"' in page.text
    assert LOST not in page.text
    # Nothing that the page leads to has the text in it either.
    assert f"?q={typed}" not in page.text


async def test_results_while_typing_are_fetched_and_kept_without_the_text(
    browser: httpx.AsyncClient, known: dict[str, Any]
) -> None:
    csrf = hidden(await browser.get("/"))["csrf"]
    answer = await browser.post("/search", data={"csrf": csrf, "q": known["fin"]})
    assert answer.status_code == 200
    assert known["given_name"] in answer.text
    assert "<html" not in answer.text
    there = answer.headers["search-address"]
    assert known["fin"] not in there
    assert known["given_name"] in (await browser.get(there)).text
    assert (await browser.get("/search", params={"q": known["fin"]})).status_code == 405
    empty = await browser.post("/search", data={"csrf": csrf, "q": " "})
    assert (empty.text.strip(), empty.headers["search-address"]) == ("", "/")


async def test_an_address_that_is_not_ours_shows_the_empty_box_kindly(
    browser: httpx.AsyncClient, alone: System, account: Account, known: dict[str, Any], path: str
) -> None:
    there = (await look(browser, path, known["fin"])).headers["location"]
    token = there.partition("?s=")[2]
    sealer = alone.sealer("registration")
    mine = f"search box of staff:{account.staff.id}"
    strangers = [
        sealer.seal(known["fin"], "persons.fin"),
        sealer.seal(known["fin"], "search box of registrar@qayidis"),
        sealer.seal(known["fin"], mine)[:20],
        b"\xff\xff" + sealer.seal(known["fin"], mine)[2:],
    ]
    garbage = [
        "x", "=", "====", "%00", "%ff", "ə", "..%2f", " ", "A" * 27, "A" * 1_200, "A" * 40_000,
        token[:-1], token[1:], token + "AA", token[:-6] + "AAAAAA", "%2B" + token,
        *(base64.urlsafe_b64encode(each).decode() for each in strangers),
    ]  # fmt: skip
    for each in garbage:
        page = await browser.get(f"{path}?s={each}")
        assert page.status_code == 200, each
        assert LOST in page.text, each
        assert known["given_name"] not in page.text, each
        assert '<input id="q" name="q" type="search" value=""' in page.text, each
    ours = base64.urlsafe_b64encode(sealer.seal(known["fin"], mine)).decode()
    assert known["given_name"] in (await browser.get(f"{path}?s={ours}")).text
    plain = await browser.get(path, params={"q": known["fin"]})
    assert known["given_name"] not in plain.text
    assert LOST not in plain.text


async def test_whoever_sits_down_next_does_not_read_it_out_of_the_history(
    browser: httpx.AsyncClient, alone: System, known: dict[str, Any], path: str
) -> None:
    there = (await look(browser, path, known["fin"])).headers["location"]
    async with Accounts.of(alone) as accounts:
        other = await accounts.add("registrar")
    browser.cookies.clear()
    away = await browser.get(there)
    assert (away.status_code, away.headers["location"].partition("?")[0]) == (303, "/sign-in")
    assert (await sign_in(browser, other.staff.login)).status_code == 303
    page = await browser.get(there)
    assert LOST in page.text
    assert known["fin"] not in page.text


async def test_a_box_from_elsewhere_or_with_too_much_in_it_is_refused(
    browser: httpx.AsyncClient, known: dict[str, Any], path: str
) -> None:
    csrf = hidden(await browser.get(path))["csrf"]
    for target in {path, "/search"}:
        for form in ({}, {"csrf": "0" * 64}):
            refused = await browser.post(target, data={**form, "q": known["fin"]})
            assert refused.status_code == 403
        elsewhere = {"Origin": "https://elsewhere.example"}
        form = {"csrf": csrf, "q": known["fin"]}
        assert (await browser.post(target, data=form, headers=elsewhere)).status_code == 403
        for text in ("x" * 201, "a\0b", "\x1b"):
            answer = await browser.post(target, data={"csrf": csrf, "q": text})
            assert answer.status_code == 422
            assert answer.headers["content-type"].startswith("text/html")
    longest = "\U0001f40e" * 200
    answer = await browser.post(path, data={"csrf": csrf, "q": longest})
    assert longest in (await browser.get(answer.headers["location"])).text
    assert (await browser.post(path, data={"csrf": csrf})).headers["location"] == path
