"""The pages of erasures: what is lost is said before it is, and nothing is erased unseen."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.integration.registration.accounts import Accounts
from tests.integration.registration.test_consent_pages import browser_of, send
from tests.integration.registration.test_page_frame import hidden, sign_in
from tests.support.bodies import household, place
from tests.system import System

Body = dict[str, Any]

WHY = {"basis": "consent_withdrawn", "reason": "Letter 17"}


@pytest.fixture(scope="module")
async def accounts(alone: System) -> AsyncIterator[Accounts]:
    async with Accounts.of(alone) as made:
        yield made


@pytest.fixture
async def browser(alone: System, accounts: Accounts) -> AsyncIterator[httpx.AsyncClient]:
    """A registrar's browser."""
    async with browser_of(alone) as client:
        await sign_in(client, (await accounts.add("registrar")).staff.login)
        yield client


@pytest.fixture
async def family(registrar: httpx.AsyncClient) -> Body:
    made: Body = (await registrar.post("/v1/families", json=household(place(), 3))).json()
    return made


def seen(page: httpx.Response, **typed: str) -> dict[str, str]:
    """The hidden fields of the page that asks once more."""
    assert page.status_code == 200, page.text
    return {**hidden(page), **typed}


async def test_a_person_is_erased_after_the_page_that_says_what_is_lost(
    browser: httpx.AsyncClient, registrar: httpx.AsyncClient, family: Body
) -> None:
    path = f"/families/{family['id']}/erase"
    child = family["members"][2]
    look = await send(browser, path, {"who": child["id"], **WHY})
    assert child["given_name"] in look.text
    assert "onu heç kim qaytara bilmir" in look.text
    assert "Ailənin digər üzvləri qeydiyyatda olduğu kimi qalır." in look.text
    assert len((await registrar.get(f"/v1/families/{family['id']}")).json()["members"]) == 3
    done = await browser.post(path, data=seen(look))
    assert done.headers["location"].startswith("/erasures/"), done.text
    assert len((await registrar.get(f"/v1/families/{family['id']}")).json()["members"]) == 2
    page = await browser.get(done.headers["location"])
    for said in ("Kəmalə", "Razılıq geri götürülüb", "Letter 17", "Hələ təsdiqlənməyib"):
        assert said in page.text, said
    again = await browser.post(path, data=seen(look))
    assert again.headers["location"] == done.headers["location"]


async def test_a_family_is_erased_and_its_pages_name_nobody(
    browser: httpx.AsyncClient, family: Body
) -> None:
    path = f"/families/{family['id']}/erase"
    look = await send(browser, path, {"who": "family", **WHY})
    for member in family["members"]:
        assert member["given_name"] in look.text
    assert "Ailə daha axtarışda tapılmır." in look.text
    done = await browser.post(path, data=seen(look))
    assert done.status_code == 303, done.text
    told = (await browser.get(done.headers["location"])).text
    assert "bütün ailə" in told
    assert f'href="/families/{family["id"]}"' not in told
    for page in ("", "/consents", "/history"):
        answer = await browser.get(f"/families/{family['id']}{page}")
        assert answer.status_code == 200, page
        for member in family["members"]:
            assert member["family_name"] not in answer.text
            assert member["given_name"] not in answer.text
    assert (await browser.get(path)).status_code == 404


async def test_a_family_that_changed_since_is_looked_at_again(
    browser: httpx.AsyncClient, registrar: httpx.AsyncClient, family: Body
) -> None:
    path = f"/families/{family['id']}/erase"
    look = await send(browser, path, {"who": "family", **WHY})
    moved = {"residence": {**family["residence"], "address": "Xəqani küçəsi 3"}}
    changed = await registrar.patch(
        f"/v1/families/{family['id']}", json=moved, headers={"If-Match": '"1"'}
    )
    assert changed.status_code == 200, changed.text
    stale = await browser.post(path, data=seen(look))
    assert stale.status_code == 412
    assert len((await registrar.get(f"/v1/families/{family['id']}")).json()["members"]) == 3


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"who": ""}, "who"),
        ({"who": "x"}, "who"),
        ({"basis": ""}, "basis"),
        ({"basis": "because"}, "basis"),
        ({"reason": ""}, "reason"),
        ({"who": "head"}, "head_id"),
    ],
)
async def test_what_is_missing_is_said_before_anything_is_erased(
    browser: httpx.AsyncClient,
    registrar: httpx.AsyncClient,
    family: Body,
    typed: dict[str, str],
    field: str,
) -> None:
    path = f"/families/{family['id']}/erase"
    ids = {"head": family["members"][0]["id"]}
    form = {"who": "family", **WHY, **typed}
    form["who"] = ids.get(form["who"], form["who"])
    for do in ("look", "erase"):
        wrong = await send(browser, path, {**form, "do": do, "version": "1"})
        assert wrong.status_code == 422, do
        assert f'href="#{field}"' in wrong.text
    assert len((await registrar.get(f"/v1/families/{family['id']}")).json()["members"]) == 3


async def test_another_familys_person_is_not_erased_from_here(
    browser: httpx.AsyncClient, registrar: httpx.AsyncClient, family: Body
) -> None:
    other = (await registrar.post("/v1/families", json=household(place(), 2))).json()
    path = f"/families/{family['id']}/erase"
    typed = {"who": other["members"][1]["id"], "do": "erase", "version": "1", **WHY}
    assert (await send(browser, path, typed)).status_code == 422
    assert len((await registrar.get(f"/v1/families/{other['id']}")).json()["members"]) == 2


async def test_who_left_the_family_before_can_be_erased_alone(
    browser: httpx.AsyncClient, registrar: httpx.AsyncClient, family: Body
) -> None:
    gone = family["members"][2]
    died = await registrar.post(
        f"/v1/families/{family['id']}/deaths",
        json={"person_id": gone["id"], "died_on": "2026-11-02"},
        headers={"If-Match": '"1"'},
    )
    assert died.status_code < 300, died.text
    path = f"/families/{family['id']}/erase"
    assert "(ailədən çıxıb)" in (await browser.get(path)).text
    look = await send(browser, path, {"who": gone["id"], **WHY})
    done = await browser.post(path, data=seen(look))
    assert done.headers["location"].startswith("/erasures/"), done.text
    assert gone["given_name"] not in (await browser.get(f"/families/{family['id']}/history")).text
