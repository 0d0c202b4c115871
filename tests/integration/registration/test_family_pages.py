"""The family form over HTTP: done once, rolled back whole, refused kindly."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from uuid import uuid4

import httpx
import pytest

from tests.integration.registration.accounts import PASSWORD, Accounts
from tests.integration.registration.hearing import publish_event
from tests.support import bodies
from tests.system import System

Fields = dict[str, str]


@pytest.fixture(scope="module")
async def accounts(alone: System) -> AsyncIterator[Accounts]:
    async with Accounts.of(alone) as made:
        yield made


@pytest.fixture
async def browser(alone: System, accounts: Accounts) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which a registrar is signed in."""
    async with signed_in(alone, accounts, "registrar") as client:
        yield client


@asynccontextmanager
async def signed_in(
    alone: System, accounts: Accounts, *roles: str
) -> AsyncIterator[httpx.AsyncClient]:
    """Open a browser and sign in."""
    login = (await accounts.add(*roles)).staff.login
    url = alone.urls["registration"]
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        fields = {**hidden(await client.get("/sign-in")), "login": login, "password": PASSWORD}
        assert (await client.post("/sign-in", data=fields)).status_code == 303
        yield client


def hidden(page: httpx.Response) -> Fields:
    """Give the hidden fields of a page's main form."""
    found = re.findall(
        r'type="hidden" name="([\w.]+)" value="([^"]*)"', page.text.partition("<main")[2]
    )
    return {name: unescape(value) for name, value in found}


def typed(given_name: str, **more: str) -> Fields:
    """A family of one, as it is typed."""
    return {
        "origin.district": "Ağdam",
        "origin.settlement": "Novruzlu",
        "residence.district": "Bərdə",
        "residence.settlement": "Bərdə",
        "members.0.relation": "head",
        "members.0.sex": "male",
        "members.0.birth_date": "02.03.1961",
        "members.0.given_name": given_name,
        "members.0.family_name": "Həsənov",
        "members.0.fin": bodies.fin(),
        **more,
    }


async def count(alone: System, given_name: str) -> int:
    """Count who is registered under a name."""
    async with alone.database() as database:
        found: int = await database.fetchval(
            "SELECT count(*) FROM registration.persons WHERE given_name = $1", given_name
        )
    return found


async def test_two_clicks_at_once_register_one_family(
    browser: httpx.AsyncClient, alone: System
) -> None:
    name = f"Ramiz{uuid4().hex}"
    fields = {**hidden(await browser.get("/families/new")), **typed(name)}
    answers = await asyncio.gather(*(browser.post("/families/new", data=fields) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await count(alone, name) == 1


async def test_the_same_form_with_other_content_is_refused(
    browser: httpx.AsyncClient, alone: System
) -> None:
    first, second = f"Ramiz{uuid4().hex}", f"Ramiz{uuid4().hex}"
    form = hidden(await browser.get("/families/new"))
    await browser.post("/families/new", data={**form, **typed(first)})
    answer = await browser.post("/families/new", data={**form, **typed(second)})
    assert answer.status_code == 409
    assert "Yeni forma açın." in answer.text
    assert await count(alone, second) == 0


async def test_a_mistake_changes_nothing_and_keeps_what_was_typed(
    browser: httpx.AsyncClient, alone: System
) -> None:
    name = f"Ramiz{uuid4().hex}"
    form = hidden(await browser.get("/families/new"))
    wrong = {**form, **typed(name, **{"members.0.fin": "5ZK21OB", "origin.settlement": "<b>&"})}
    answer = await browser.post("/families/new", data=wrong)
    assert answer.status_code == 422
    assert name in answer.text
    assert 'value="&lt;b&gt;&amp;"' in answer.text
    assert "Bəlkə 5ZK210B?" in answer.text
    assert await count(alone, name) == 0
    # The form that came back is a new one; so is the same one, since nothing was done by it.
    for fields in (hidden(answer), form):
        again = await browser.post("/families/new", data={**fields, **typed(name)})
        assert again.status_code == 303
    assert await count(alone, name) == 2


async def test_a_correction_of_what_somebody_else_changed_is_refused(
    browser: httpx.AsyncClient, alone: System
) -> None:
    name = f"Ramiz{uuid4().hex}"
    form = hidden(await browser.get("/families/new"))
    made = await browser.post("/families/new", data={**form, **typed(name)})
    path = made.headers["location"].partition("?")[0] + "/edit"
    mine, theirs = hidden(await browser.get(path)), hidden(await browser.get(path))
    change = {"origin.settlement": "Çəmənli"}
    assert (await browser.post(path, data={**typed(name), **theirs, **change})).status_code == 303
    late = await browser.post(path, data={**typed(name), **mine, "origin.settlement": "Əfətli"})
    assert late.status_code == 412
    assert "başqası bunu dəyişib" in late.text
    assert "Əfətli" in late.text


async def test_a_page_of_another_role_or_of_nobody_is_not_shown(
    alone: System, accounts: Accounts
) -> None:
    async with signed_in(alone, accounts, "organiser") as organiser:
        assert (await organiser.get("/families/new")).status_code == 403
        assert 'href="/families/new"' not in (await organiser.get("/events")).text
        organiser.cookies.clear()
        away = await organiser.get("/families/new")
        assert (away.status_code, away.headers["location"]) == (303, "/sign-in?next=/families/new")
    async with alone.client("registration") as nobody:
        stream = await nobody.get("/events/seats-stream")
        assert stream.status_code == 303


async def test_an_operator_sees_how_full_an_event_is_and_nobodys_name(
    alone: System, accounts: Accounts, registrar: httpx.AsyncClient
) -> None:
    event_id = await publish_event(alone, registrar)
    name = f"Adı{uuid4().hex[:8]}"
    made = await registrar.post(
        "/v1/families", json=bodies.family(bodies.place(), bodies.person(given_name=name))
    )
    body = {"event_id": str(event_id), "family_id": made.json()["id"]}
    assert (await registrar.post("/v1/enrolments", json=body)).status_code == 201
    for role, shown in (("registrar", True), ("operator", False)):
        async with signed_in(alone, accounts, role) as client:
            page = await client.get(f"/events/{event_id}")
            assert page.status_code == 200
            assert f'data-free="{event_id}"' in page.text
            assert (name in page.text) == shown


async def test_keys_of_forms_let_nobody_hold_up_signing_in(alone: System) -> None:
    url = alone.urls["registration"]
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
        shown = hidden(await client.get("/sign-in"))
        forms = [
            {**shown, "login": f"nobody-{uuid4().hex[:8]}", "password": "x", "once": uuid4().hex}
            for _ in range(12)
        ]
        answers = await asyncio.gather(*(client.post("/sign-in", data=form) for form in forms))
    assert [answer.status_code for answer in answers] == [401] * 12


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"members.0": "x", "members.0.given_name": "y"},
        {"members.99999999999999999999.given_name": "x" * 5000},
        {"members.0.given_name": "\x00\ud83d".encode("utf-8", "surrogatepass").decode("latin-1")},
        {"once": "short"},
        {"version": "9" * 40, "do": "nothing"},
        {f"members.{number}.given_name": "x" for number in range(500)},
    ],
)
async def test_odd_forms_are_refused_kindly(browser: httpx.AsyncClient, fields: Fields) -> None:
    form = hidden(await browser.get("/families/new"))
    answer = await browser.post("/families/new", data={**form, **fields})
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")
    too_many = {f"x{number}": "x" for number in range(3000)}
    assert (await browser.post("/families/new", data={**form, **too_many})).status_code == 400
