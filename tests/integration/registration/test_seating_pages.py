"""The pages of the waiting list and of the groups, as a browser without scripts uses them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape

import httpx
import pytest

from shared.contracts.events import Seating
from tests.integration.registration.accounts import PASSWORD, Accounts
from tests.integration.registration.hearing import enrol, publish_event
from tests.system import System


def hidden(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of the first form of a page's main part."""
    main = page.text.partition("<main")[2]
    first = main.partition("</form>")[0]
    return {
        name: unescape(value)
        for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', first)
    }


@asynccontextmanager
async def signed_in(alone: System, login: str) -> AsyncIterator[httpx.AsyncClient]:
    """Open a browser in English and sign in."""
    url = alone.urls["registration"]
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        page = await client.get("/sign-in")
        fields = {**hidden(page), "login": login, "password": PASSWORD}
        assert (await client.post("/sign-in", data=fields)).status_code == 303
        client.cookies.set("qayidis_language", "en")
        yield client


@pytest.fixture
async def browser(alone: System) -> AsyncIterator[httpx.AsyncClient]:
    """A registrar's browser."""
    async with Accounts.of(alone) as accounts:
        account = await accounts.add("registrar")
        async with signed_in(alone, account.staff.login) as client:
            yield client


async def test_who_plans_events_reads_no_names(registrar: httpx.AsyncClient, alone: System) -> None:
    event_id = await publish_event(alone, registrar, capacity=1)
    seated, waiting = [await enrol(registrar, event_id, 1) for _ in range(2)]
    family = (await registrar.get(f"/v1/families/{seated['family_id']}")).json()
    [name] = {each["family_name"] for each in family["members"]}
    pages = [
        f"/events/{event_id}",
        f"/events/{event_id}/waiting-list",
        f"/enrolments/{seated['id']}",
        f"/enrolments/{waiting['id']}",
    ]
    async with Accounts.of(alone) as accounts:
        for role, reads in (("organiser", False), ("auditor", True)):
            account = await accounts.add(role)
            async with signed_in(alone, account.staff.login) as client:
                for page in pages:
                    shown = await client.get(page)
                    assert shown.status_code == 200
                    assert (name in shown.text, "One family" in shown.text) == (reads, not reads)
                    assert reads or 'class="ticket"' not in shown.text


async def test_the_list_says_why_and_an_offer_is_accepted(
    browser: httpx.AsyncClient, registrar: httpx.AsyncClient, alone: System
) -> None:
    rule = Seating(rule="strict_order", offer_hours=24, district_caps={})
    event_id = await publish_event(alone, registrar, capacity=1, seating=rule)
    seated, first, _ = [await enrol(registrar, event_id, size) for size in (1, 1, 2)]
    await registrar.post(f"/v1/enrolments/{seated['id']}/cancel")
    path = f"/events/{event_id}/waiting-list"
    page = await browser.get(path)
    assert page.status_code == 200, page.text
    assert "Seats are offered until" in page.text
    assert "was cancelled. No seat was left" in page.text
    done = await browser.post(f"/enrolments/{first['id']}/accept", data=hidden(page))
    assert (done.status_code, done.headers["location"]) == (303, f"{path}?done=seated")
    left = await browser.get(done.headers["location"])
    assert "The family has its seats now." in left.text
    late = await browser.post(f"/enrolments/{first['id']}/accept", data=hidden(left))
    assert late.status_code == 409
    assert "has its seats already" in late.text


async def test_staff_seat_out_of_order_with_a_reason_alone(
    browser: httpx.AsyncClient, registrar: httpx.AsyncClient, alone: System
) -> None:
    rule = Seating(rule="best_fit", offer_hours=None, district_caps={"AZ-AGM": 1})
    event_id = await publish_event(alone, registrar, capacity=5, seating=rule)
    waits = await enrol(registrar, event_id, 2, "AZ-AGM")
    path, action = f"/events/{event_id}/waiting-list", f"/enrolments/{waits['id']}/seat"
    page = await browser.get(path)
    none = await browser.post(action, data={**hidden(page), "reason": " "})
    assert none.status_code == 422
    page = await browser.get(path)
    done = await browser.post(action, data={**hidden(page), "reason": "Interpreter"})
    assert done.status_code == 303
    assert "Nobody waits." in (await browser.get(path)).text


async def test_groups_are_made_shown_and_printed(
    browser: httpx.AsyncClient, registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar)
    for origin in ("AZ-AGM", "AZ-LAC"):
        await enrol(registrar, event_id, 3, origin)
    path = f"/events/{event_id}/groups"
    page = await browser.get(path)
    wish = {"count": "2", "by": "district", "families": "apart", "of": "confirmed"}
    many = await browser.post(path, data={**hidden(page), **wish, "count": "9"})
    assert many.status_code == 422
    page = await browser.get(path)
    made = await browser.post(path, data={**hidden(page), **wish})
    assert made.status_code == 303, made.text
    shown = await browser.get(path)
    assert "Group 2" in shown.text
    sheet = await browser.get(f"{path}/print")
    assert (sheet.status_code, sheet.text.count("<li>Həsənov ")) == (200, 6)
