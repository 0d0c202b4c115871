"""The check-in page in a real Chromium with the network cut: see `services/registration/door`."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.chromium import chromium, find_chromium
from tests.integration.registration.accounts import PASSWORD, Accounts
from tests.integration.registration.hearing import enrol, facts, known, publish_event
from tests.integration.registration.test_check_ins import arrival
from tests.integration.registration.test_tickets import ticket
from tests.system import System


@pytest.fixture
async def browser(alone: System) -> AsyncIterator[BrowserContext]:
    if find_chromium() is None:
        pytest.skip("no Chromium here, and none could be installed: apt-get install chromium")
    async with chromium() as chrome:
        context = await chrome.new_context(base_url=alone.urls["registration"], locale="en")
        context.set_default_timeout(20_000)
        yield context


async def opened(browser: BrowserContext, alone: System, event_id: Any) -> Page:
    """Sign in, and open the page once with the network there."""
    async with Accounts.of(alone) as accounts:
        account = await accounts.add("registrar")
    page = await browser.new_page()
    await page.goto("/language?to=en&next=/sign-in")
    await page.fill("#login", account.staff.login)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url("**/")
    await page.goto(f"/check-in/{event_id}")
    await expect(page.locator("#door[data-kept=yes][data-ready=yes]")).to_be_attached()
    return page


async def present(page: Page, text: str) -> None:
    """Type or scan a ticket; a scanner types it and ends with Enter."""
    await page.fill("#code", text)
    await page.press("#code", "Enter")


async def test_a_desk_checks_in_without_the_network_and_brings_it_later_once(
    browser: BrowserContext, alone: System, registrar: httpx.AsyncClient
) -> None:
    event_id = await publish_event(alone, registrar)
    one, two, three = [await enrol(registrar, event_id, 3) for _ in range(3)]
    lost = await ticket(registrar, three)
    path = f"/v1/enrolments/{three['id']}/ticket/reissue"
    assert (await registrar.post(path, json={"reason": "Lost"})).status_code == 200
    other = await enrol(registrar, await publish_event(alone, registrar), 1)
    signed = (await ticket(registrar, one))["token"]
    page = await opened(browser, alone, event_id)
    answer, waiting = page.locator("#answer"), page.locator("#waiting")

    await browser.set_offline(True)
    await page.reload()
    await expect(page.locator("#door[data-started=yes][data-ready=yes]")).to_be_attached()
    await expect(page.locator("[data-state=offline]")).to_be_visible()

    changed = signed[:90] + ("1" if signed[90] == "0" else "0") + signed[91:]
    for wrong, said in (
        (changed, "forged"),
        (signed[:120], "cut short"),
        ((await ticket(registrar, other))["token"], "another event"),
        (lost["token"], "replaced"),
        ("ZZZZZZZZ", "Nobody is found"),
    ):
        await present(page, wrong)
        await expect(answer).to_contain_text(said)
        await expect(page.locator("#family form")).to_have_count(0)

    await present(page, signed)
    await page.uncheck("#member-2")
    await page.click("#family button")
    await expect(answer).to_contain_text("Checked in:")
    await present(page, two["ticket"][:8].lower())
    await page.click("#family button")
    await expect(waiting).to_have_text("2")
    await expect(page.locator("#here")).to_have_text("5")

    # Meanwhile another desk, which has the network, checks somebody of the second family in.
    taken = await registrar.post("/v1/check-ins", json=arrival(two, 1))
    assert taken.status_code == 201
    await known(registrar, event_id, attended=1)
    await browser.set_offline(False)
    await expect(waiting).to_have_text("0")
    await expect(page.locator("#refused-list")).to_contain_text("Səbinə Həsənov: Checked in at")
    await known(registrar, event_id, attended=5)

    await page.click("#seen")
    conflict = page.locator("form.conflict")
    await expect(conflict).to_contain_text("Səbinə Vaqif oğlu Həsənov")
    await conflict.locator("[name=reason]").fill("The same person came twice")
    await conflict.locator("[value=rejected]").click()
    await expect(page.get_by_text("There is no conflict.")).to_be_visible()
    await known(registrar, event_id, attended=5)
    async with alone.database() as database:
        count = await database.fetchval(
            "SELECT count(*) FROM registration.check_ins WHERE enrolment_id = ANY($1)",
            [one["id"], two["id"]],
        )
    assert count == 3, "two of this desk and one of the other, each once"
    await page.close()


async def test_who_signs_out_leaves_no_names_on_the_device_and_loses_no_check_in(
    browser: BrowserContext, alone: System, registrar: httpx.AsyncClient
) -> None:
    event_id = await publish_event(alone, registrar)
    enrolment = await enrol(registrar, event_id, 1)
    page = await opened(browser, alone, event_id)
    await page.route("**/sync", lambda route: route.abort())
    await present(page, enrolment["ticket"])
    await page.click("#family button")
    await expect(page.locator("#waiting")).to_have_text("1")
    await page.click("form.leave button")
    await page.wait_for_url("**/sign-in")
    kept = await page.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))")
    assert kept == ["qayidis-check-in-queue"]
    assert await page.evaluate("caches.keys()") == []
    await page.close()
    page = await opened(browser, alone, event_id)
    await expect(page.locator("#waiting")).to_have_text("0")
    await known(registrar, event_id, attended=1)


async def test_the_next_ticket_is_looked_up_and_never_checks_in_the_family_on_the_screen(
    browser: BrowserContext, alone: System, registrar: httpx.AsyncClient
) -> None:
    event_id = await publish_event(alone, registrar)
    one, two = await enrol(registrar, event_id, 3), await enrol(registrar, event_id, 2)
    signed = (await ticket(registrar, two))["token"]
    page = await opened(browser, alone, event_id)
    members = page.locator("#family input")
    here = page.locator("#here")

    for focused in ("#family button", "#member-2", "#find button"):
        await present(page, one["ticket"])
        await expect(members).to_have_count(3)
        await page.uncheck("#member-2")
        await page.focus(focused)
        await page.keyboard.type(signed)
        await page.keyboard.press("Enter")
        await expect(members, focused).to_have_count(2)
        await expect(here).to_have_text("0")
        await expect(page.locator("#answer")).to_be_empty()

    # What a person does by keys still works.
    await present(page, one["ticket"])
    await page.focus("#member-2")
    await page.keyboard.press("Space")
    await page.focus("#family button")
    await page.keyboard.press("Enter")
    await expect(here).to_have_text("2")
    await expect(page.locator("#code")).to_be_focused()
    await known(registrar, event_id, attended=2)
    await page.close()


async def test_a_button_pressed_twice_at_once_is_one_check_in(
    browser: BrowserContext, alone: System, registrar: httpx.AsyncClient
) -> None:
    event_id = await publish_event(alone, registrar)
    enrolment = await enrol(registrar, event_id, 2)
    page = await opened(browser, alone, event_id)
    await browser.set_offline(True)
    await present(page, enrolment["ticket"])
    await expect(page.locator("#family input")).to_have_count(2)
    await page.evaluate(
        "for (const each of [1, 2]) document.querySelector('#family form').requestSubmit()"
    )
    waiting = page.locator("#waiting")
    await expect(page.locator("#here")).to_have_text("2")
    await expect(waiting).to_have_text("1")
    await browser.set_offline(False)
    await expect(waiting).to_have_text("0")
    await known(registrar, event_id, attended=2)
    await page.close()


SLOW_VERIFYING = """() => {
  const verify = crypto.subtle.verify.bind(crypto.subtle);
  window.looked = new Promise((done) => {
    crypto.subtle.verify = async (...all) => {
      await new Promise((awake) => setTimeout(awake, 500));
      setTimeout(done, 200);
      return verify(...all);
    };
  });
}"""


async def test_a_slow_look_up_never_replaces_a_later_one(
    browser: BrowserContext, alone: System, registrar: httpx.AsyncClient
) -> None:
    event_id = await publish_event(alone, registrar)
    one, two = await enrol(registrar, event_id, 3), await enrol(registrar, event_id, 2)
    signed = (await ticket(registrar, one))["token"]
    page = await opened(browser, alone, event_id)
    await page.evaluate(SLOW_VERIFYING)
    await present(page, signed)
    await present(page, two["ticket"])
    await expect(page.locator("#family input")).to_have_count(2)
    await page.evaluate("window.looked")
    assert await page.locator("#family input").count() == 2
    await page.close()


async def test_an_answer_says_what_it_answers_and_leaves_the_field_empty(
    browser: BrowserContext, alone: System, registrar: httpx.AsyncClient
) -> None:
    event_id = await publish_event(alone, registrar, capacity=3)
    one, waits = await enrol(registrar, event_id, 2), await enrol(registrar, event_id, 3)
    page = await opened(browser, alone, event_id)
    answer, code = page.locator("#answer"), page.locator("#code")
    for typed, said in (
        ("ZZZZZZZZ", "ZZZZZZZZ: Nobody is found"),
        ("Q1." + "0" * 60, f"Q1.{'0' * 21}…: This ticket is cut short"),
        (waits["ticket"], "Həsənov: The family is on the waiting list"),
    ):
        await page.keyboard.type(typed)
        await page.keyboard.press("Enter")
        await expect(answer).to_contain_text(said)
        await expect(code).to_have_value("")
    await page.keyboard.type(one["ticket"])
    await page.keyboard.press("Enter")
    await expect(page.locator("#family input")).to_have_count(2)
    await expect(code).to_have_value("")
    await page.close()


async def test_the_page_says_that_the_event_is_on_another_day(
    browser: BrowserContext, alone: System, registrar: httpx.AsyncClient
) -> None:
    event_id = await publish_event(alone, registrar)
    page = await opened(browser, alone, event_id)
    line = page.get_by_text("This event is not today.")
    await expect(line).to_be_visible()
    starts_at = facts(event_id)["starts_at"]
    await page.clock.set_fixed_time(starts_at)
    await page.reload()
    await expect(page.locator("#door[data-started=yes][data-ready=yes]")).to_be_attached()
    await expect(line).to_be_hidden()
    await page.close()


async def test_a_ticket_is_found_while_the_network_keeps_the_page_waiting(
    browser: BrowserContext, alone: System, registrar: httpx.AsyncClient
) -> None:
    event_id = await publish_event(alone, registrar)
    enrolment = await enrol(registrar, event_id, 2)
    page = await opened(browser, alone, event_id)
    await page.route("**/sheet", lambda route: asyncio.sleep(0))
    await page.reload()
    await expect(page.locator("#door[data-ready=yes]")).to_be_attached()
    await present(page, enrolment["ticket"])
    await expect(page.locator("#family input")).to_have_count(2)
    await expect(page.locator("#door[data-started]")).to_have_count(0)
    await page.close()
