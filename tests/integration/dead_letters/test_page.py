"""The operator's page: every service's dead letters, and what an operator does to them."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.integration.registration.accounts import Accounts
from tests.integration.registration.test_page_frame import hidden, sign_in
from tests.support.dead_letters import CONTACTS, depth, handled, listed, park, recorded
from tests.support.injection import message
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System

GROUP = {
    "queue": CONTACTS,
    "type": "az.gov.idp.registration.contact_changed.v1",
    "exception": "KeyError",
}


@pytest.fixture
async def accounts(dead: System) -> AsyncIterator[Accounts]:
    async with Accounts.of(dead) as made:
        yield made


@pytest.fixture
async def browser(dead: System) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=dead.urls["registration"], trust_env=False, timeout=30
    ) as client:
        yield client


@pytest.fixture
async def operator(browser: httpx.AsyncClient, accounts: Accounts) -> httpx.AsyncClient:
    await sign_in(browser, (await accounts.add("operator")).staff.login)
    await browser.get("/language", params={"to": "en", "next": "/"})
    return browser


async def test_an_operator_sees_the_dead_letters_of_every_service(
    operator: httpx.AsyncClient, dead: System
) -> None:
    empty = await operator.get("/dead-letters")
    assert empty.text.count("No dead letters.") == 2
    story = Story()
    await park(dead, [message(story.contact(), story.person, 1)])
    await park(
        dead, [message(story.published(), story.event, 1)], "registration.events", exchange="x"
    )
    page = await operator.get("/dead-letters")
    assert page.status_code == 200
    assert "registration.contact_changed.v1" in page.text
    assert "events.event_published.v1" in page.text
    assert page.text.count("1 letter<") == 2
    group = await operator.get("/dead-letters/notifications", params=GROUP)
    (letter,) = listed(dead, "--queue", CONTACTS)
    assert f'href="/dead-letters/notifications/{letter["ref"]}"' in group.text
    one = await operator.get(f"/dead-letters/notifications/{letter['ref']}")
    assert "Xxxxx" in one.text
    for personal in ("Aytən", "Quliyeva", story.phone):
        assert personal not in one.text


async def test_one_letter_is_replayed_and_dropped_for_a_reason(
    operator: httpx.AsyncClient, dead: System
) -> None:
    story = Story()
    made = message(story.contact(), story.person, 1)
    await park(dead, [made])
    (letter,) = listed(dead)
    path = f"/dead-letters/notifications/{letter['ref']}"
    sent = await operator.post(f"{path}/replay", data=hidden(await operator.get(path)))
    assert (sent.status_code, sent.headers["Location"]) == (303, "/dead-letters?done=replayed")

    async def look() -> None:
        assert await handled(dead, [made.message_id]) == 1

    await eventually(look)
    assert "Replayed" in (await operator.get("/dead-letters")).text
    assert (await operator.get(path)).status_code == 404

    await park(dead, [made])
    (letter,) = listed(dead)
    path = f"/dead-letters/notifications/{letter['ref']}"
    refused = await operator.post(f"{path}/replay", data=hidden(await operator.get(path)))
    assert refused.status_code == 409
    assert "It was handled already" in refused.text
    form = hidden(await operator.get(path))
    without = await operator.post(f"{path}/drop", data=form)
    assert without.status_code == 422
    assert await depth(dead, CONTACTS) == 1
    form = {**hidden(await operator.get(path)), "reason": "İki dəfə göndərilib"}
    dropped = await operator.post(f"{path}/drop", data=form)
    assert (dropped.status_code, dropped.headers["Location"]) == (303, "/dead-letters?done=dropped")
    (record,) = recorded(dead, letter["ref"])
    assert record["reason"] == "İki dəfə göndərilib"
    assert record["actor"].startswith("staff:")
    assert "İki dəfə göndərilib" in (await operator.get("/dead-letters")).text


async def test_a_group_is_replayed_by_one_button(operator: httpx.AsyncClient, dead: System) -> None:
    stories = [Story() for _ in range(4)]
    made = [message(each.contact(), each.person, 1) for each in stories]
    await park(dead, made)
    page = await operator.get("/dead-letters/notifications", params=GROUP)
    form = {**hidden(page), **GROUP}
    sent = await operator.post("/dead-letters/notifications/replay", data=form)
    assert sent.status_code == 303
    after = await operator.get(sent.headers["Location"])
    assert "They are on their way again" in after.text
    assert "<dd>4</dd>" in after.text

    async def look() -> None:
        assert await handled(dead, [each.message_id for each in made]) == 4

    await eventually(look)


async def test_a_service_that_is_away_is_named_and_the_page_still_serves(
    operator: httpx.AsyncClient, dead: System
) -> None:
    story = Story()
    await park(dead, [message(story.published(), story.event, 1)], "registration.events")
    await dead.stop("notifications")
    try:
        page = await operator.get("/dead-letters")
        other = await operator.get("/dead-letters/notifications")
    finally:
        await dead.restart("notifications")
    assert page.status_code == 200
    assert "This service does not answer. Its dead letters are kept" in page.text
    assert "qayidis dead list" in page.text
    assert "events.event_published.v1" in page.text
    assert other.status_code == 503


async def test_people_are_shown_to_an_operator_who_is_an_auditor_too(
    browser: httpx.AsyncClient, accounts: Accounts, dead: System
) -> None:
    story = Story()
    await park(dead, [message(story.contact(), story.person, 1)])
    (letter,) = listed(dead)
    path = f"/dead-letters/notifications/{letter['ref']}?people=yes"
    await sign_in(browser, (await accounts.add("operator")).staff.login)
    refused = await browser.get(path)
    assert refused.status_code == 403
    assert story.phone not in refused.text
    browser.cookies.clear()
    await sign_in(browser, (await accounts.add("operator", "auditor")).staff.login)
    assert story.phone in (await browser.get(path)).text
    assert [each["action"] for each in recorded(dead, letter["ref"])] == ["shown"]


@pytest.mark.parametrize("role", ["registrar", "organiser", "auditor"])
async def test_nobody_else_sees_the_page(
    browser: httpx.AsyncClient, accounts: Accounts, role: str
) -> None:
    account = await accounts.add(role)
    await sign_in(browser, account.staff.login)
    assert (await browser.get("/dead-letters")).status_code == 403
    assert (await browser.get("/dead-letters/notifications")).status_code == 403


@pytest.mark.parametrize("role", ["registrar", "organiser", "auditor"])
async def test_nobody_else_moves_any(
    browser: httpx.AsyncClient, accounts: Accounts, dead: System, role: str
) -> None:
    story = Story()
    # Registration's own: behind its page no API asks for the role once more.
    await park(dead, [message(story.published(), story.event, 1)], "registration.events")
    (letter,) = listed(dead)
    await sign_in(browser, (await accounts.add(role)).staff.login)
    await browser.get("/language", params={"to": "en", "next": "/"})
    # The token is that of this very session, so that the role alone is refused.
    (token, *_) = re.findall(r'name="csrf" value="([^"]+)"', (await browser.get("/")).text)
    one = f"/dead-letters/registration/{letter['ref']}"
    for path, form in (
        ("/dead-letters/registration/replay", {"queue": "registration.events"}),
        (f"{one}/replay", {}),
        (f"{one}/drop", {"reason": "a test"}),
    ):
        refused = await browser.post(path, data={"csrf": token, **form})
        assert refused.status_code == 403
        assert "Your roles do not include this." in refused.text
    assert await depth(dead, "registration.events") == 1
    assert recorded(dead, letter["ref"]) == []


async def test_what_is_not_there_is_said(operator: httpx.AsyncClient) -> None:
    for path in ("/dead-letters/nobody", "/dead-letters/notifications/000000000000"):
        assert (await operator.get(path)).status_code == 404
    for path in ("/dead-letters/registration?cursor=x", "/dead-letters/notifications?cursor=x"):
        assert (await operator.get(path)).status_code == 422
