"""A day at the desk, in a real browser."""

import asyncio
import re
from datetime import UTC, datetime
from uuid import uuid4

from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from services.registration.staff.domain import Account
from tests.browser.walking import sign_in, window
from tests.integration.registration.accounts import Accounts
from tests.support import bodies
from tests.support.desk import Desk, answered

FASTEST_MINUTE = 400
"""Presses of keys that an ordinary typist makes in a minute."""


class Keyboard:
    """Somebody who has no mouse; counts what they press."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    async def type(self, text: str) -> None:
        """Type a text and go on."""
        await self.page.keyboard.type(text)
        self.pressed += len(text)
        await self.enter()

    async def enter(self, times: int = 1) -> None:
        """Go on without typing: what is proposed is right."""
        for _ in range(times):
            await self.page.keyboard.press("Enter")
        self.pressed += times

    async def press(self, key: str) -> None:
        """Press one key."""
        await self.page.keyboard.press(key)
        self.pressed += 1


async def test_a_family_of_five_is_registered_by_keyboard_within_a_minute(
    chrome: Browser, url: str, registrar: Account
) -> None:
    surname = f"Quliyev{uuid4().hex[:4].translate(str.maketrans('0123456789', 'abcdefghij'))}ov"
    async with window(chrome, url) as context:
        page = await context.new_page()
        await page.goto("/families/new")
        await sign_in(page, registrar.staff.login)
        await expect(page.locator("[name='origin.district']")).to_be_focused()
        keys = Keyboard(page)
        for text in ("agdam", "Novruzlu", "barda", "Bərdə", "Nizami 14"):
            await keys.type(text)
        await member(
            keys, "Kişi", "12031975", ("Rauf", surname, "Vaqif oğlu"), phone=bodies.phone()
        )
        for given, born, sex in (
            ("Günel", "05061979", None),
            ("Orxan", "01022005", "Kişi"),
            ("Ləman", "19092008", "Qadın"),
            ("Uğur", "30112014", "Kişi"),
        ):
            await keys.enter()  # "Add a person" has the focus
            await member(keys, sex, born, (given, None, None))
        await keys.press("Control+Enter")
        await page.wait_for_url(re.compile(r"/families/[0-9a-f-]{36}\?done=registered"))
        rows = page.locator("tbody tr")
        await expect(rows).to_have_count(5)
        await expect(rows.nth(1)).to_contain_text(f"{surname}a Günel")
        await expect(rows.nth(2)).to_contain_text(f"{surname} Orxan Rauf oğlu")
        await expect(rows.nth(3)).to_contain_text(f"{surname}a Ləman Rauf qızı")
        await expect(rows.nth(4)).to_contain_text("30 noyabr 2014")
        assert keys.pressed < FASTEST_MINUTE, keys.pressed


async def member(
    keys: Keyboard,
    sex: str | None,
    born: str,
    names: tuple[str | None, ...],
    *,
    phone: str | None = None,
) -> None:
    """Fill in one row from its first field on; None takes what is proposed."""
    await keys.enter()  # in the family: as proposed
    await (keys.type(sex[0]) if sex else keys.enter())
    for text in (born, *names):
        await (keys.type(text) if text else keys.enter())
    await keys.type(bodies.fin())
    await (keys.type(phone) if phone else keys.enter())
    await keys.enter(2)  # no e-mail; messages in Azerbaijani


async def test_the_seminar_from_sign_in_to_check_in(
    chrome: Browser, url: str, registrar: Account, desk: Desk
) -> None:
    place = bodies.place()
    given = f"Ədilə{uuid4().hex[:6].translate(str.maketrans('0123456789', 'abcdefghij'))}"
    await desk.register(bodies.family(place, bodies.person(given_name=given, sex="female")))
    event = await desk.publish(bodies.event(place, capacity=5, days=1))
    async with window(chrome, url, expected=("409 (Conflict)",)) as context:
        page = await context.new_page()
        await page.goto("/")
        await sign_in(page, registrar.staff.login)
        await expect(page.locator("#q")).to_be_focused()
        await page.keyboard.type(given.replace("Ə", "e").replace("ə", "e"))
        await page.get_by_role("link", name=given).click()
        await page.wait_for_url(re.compile(r"/families/[0-9a-f-]{36}"))
        await page.go_back()  # the results are there again, and the address does not tell of whom
        assert re.fullmatch(r"/\?s=[\w-]+", page.url.removeprefix(url))
        await page.get_by_role("link", name=given).click()
        await page.get_by_role("link", name="Tədbirə yaz").click()
        await page.get_by_role("link", name=event["title"]["az"]).click()
        await page.get_by_role("button", name="Yaz").click()
        await expect(page.get_by_role("status")).to_contain_text("Ailə üçün 1 yer tutuldu.")
        ticket = (await page.locator(".ticket").inner_text()).replace(" ", "")
        enrolment_id = page.url.rpartition("/")[2].partition("?")[0]
        await page.go_back()
        await page.get_by_role("button", name="Yaz").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await page.goto(f"/enrolments/{enrolment_id}")
        await expect(page.locator("summary")).to_have_text("Yerlərdən imtina…")
        enrolment = await answered(desk.registration.get(f"/v1/enrolments/{enrolment_id}"))
        check_in = {
            "ticket": ticket,
            "person_ids": enrolment["person_ids"],
            "nonce": uuid4().hex,
            "at": datetime.now(UTC).isoformat(),
        }
        await answered(desk.registration.post("/v1/check-ins", json=check_in))
        await page.reload()
        await expect(page.get_by_role("main")).to_contain_text("gəldiyi artıq qeyd olunub")
        await expect(page.locator("summary")).to_have_count(0)
    assert (await desk.seats(event["id"]))["attended"] == 1


async def test_what_was_typed_before_the_script_came_is_looked_for(
    chrome: Browser, url: str, registrar: Account, desk: Desk
) -> None:
    fin = bodies.fin()
    await desk.register(bodies.family(bodies.place(), bodies.person(given_name="Ulduz", fin=fin)))
    typed = asyncio.Event()

    async def late(route: Route) -> None:
        await typed.wait()
        await route.continue_()

    async with window(chrome, url) as context:
        page = await context.new_page()
        await page.goto("/")
        await sign_in(page, registrar.staff.login)
        await page.route("**/desk/desk.*.js", late)
        await page.goto("/", wait_until="commit")
        await page.fill("#q", fin)
        typed.set()
        await expect(page.get_by_role("link", name="Ulduz")).to_be_visible()


async def test_two_desks_at_the_last_seat(
    chrome: Browser, url: str, accounts: Accounts, desk: Desk
) -> None:
    place = bodies.place()
    event = await desk.publish(bodies.event(place, capacity=1, days=2))
    families = [await desk.register(bodies.household(place, 1)) for _ in range(2)]
    async with window(chrome, url) as one, window(chrome, url) as other:
        watching = await one.new_page()
        await watching.goto(f"/events/{event['id']}")
        await sign_in(watching, (await accounts.add("registrar")).staff.login)
        await expect(watching.locator(".seats")).to_have_text("1")
        desks = [
            await at_enrolling(context, event["id"], family["id"], accounts)
            for context, family in zip((one, other), families, strict=True)
        ]
        await asyncio.gather(
            *(page.get_by_role("button", name="Yaz").click(click_count=2) for page in desks)
        )
        for page in desks:
            await page.wait_for_url(re.compile("/enrolments/.*done=enrolled"))
        said = sorted([await page.get_by_role("status").inner_text() for page in desks])
        assert "Ailə üçün 1 yer tutuldu." in said[0]
        assert "Hələlik bütün ailəyə yer yoxdur." in said[1]
        # The third page, which nobody touched, shows it.
        await expect(watching.locator(".seats")).to_have_text("0")
        await expect(watching.locator("[data-waiting]")).to_have_text("1")
    seats = await desk.seats(event["id"])
    assert (seats["confirmed"], seats["waitlisted"]) == (1, 1)


async def at_enrolling(
    context: BrowserContext, event_id: str, family_id: str, accounts: Accounts
) -> Page:
    """Bring a desk to the point of enrolling a family."""
    page = await context.new_page()
    await page.goto(f"/events/{event_id}/enrol?family={family_id}")
    if "/sign-in" in page.url:
        await sign_in(page, (await accounts.add("registrar")).staff.login)
    return page
