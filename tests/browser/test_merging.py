"""What happens in life, and what was registered twice, at the desk's pages."""

import re
from uuid import uuid4

from playwright.async_api import Browser, Page, expect

from services.registration.staff.domain import Account
from tests.browser.seeds import case_of
from tests.browser.walking import sign_in, window
from tests.support import bodies
from tests.support.bodies import Body, person
from tests.support.desk import Desk


def unlike(**other: str | None) -> Body:
    """A person whose family name nobody else has."""
    letters = uuid4().hex[:8].translate(str.maketrans("0123456789", "qrstuvxyzn"))
    return person(family_name=f"{letters.capitalize()}ov", **other)


async def open_page(page: Page, path: str, account: Account) -> None:
    await page.goto("/language?to=en&next=/sign-in")
    await sign_in(page, account.staff.login)
    await page.goto(path)


async def test_a_duplicate_is_merged_field_by_field_and_the_merge_is_undone(
    chrome: Browser, url: str, registrar: Account, desk: Desk
) -> None:
    at, known = bodies.place(), unlike()
    first = await desk.register(bodies.family(at, known))
    other = {**known, "fin": None, "phone": bodies.phone(), "given_name": "Əlı"}
    second = await desk.register(bodies.family(at, other))
    case = await case_of(desk, first, second)
    keep = "first" if first["id"] < second["id"] else "second"
    async with window(chrome, url, language="en", expected=("status of 422",)) as context:
        page = await context.new_page()
        await open_page(page, f"/duplicates/{case}", registrar)
        await page.get_by_role("link", name="make one registration").click()
        if keep == "second":
            await page.get_by_role("link", name="Keep the other registration").click()
            await page.wait_for_url(re.compile("keep=second"))
        await page.get_by_label(str(other["phone"])).check()
        await page.get_by_role("button", name="Make one registration").click()
        await expect(page.locator(".mistakes")).to_be_visible()
        await page.fill("#reason", "The same man, at two desks")
        await expect(page.get_by_label(str(other["phone"]))).to_be_checked()
        await page.get_by_role("button", name="Make one registration").click()
        await expect(page.locator(".notice")).to_have_text("It is one registration now.")
        merge = page.url.partition("?")[0]
        await page.goto(f"/families/{second['id']}")
        await page.wait_for_url(re.compile(str(first["id"])))
        await expect(page.locator("tbody")).to_contain_text(str(other["phone"]))
        await page.goto(f"/families/{first['id']}/history")
        await expect(page.locator(".list h2").first).to_have_text("Registered twice: made one")
        await page.goto(merge)
        await page.fill("#reason", "Cousins")
        await page.get_by_role("button", name="Make two registrations again").click()
        await expect(page.locator(".notice")).to_have_text("They are two registrations again.")
        await page.goto(f"/families/{second['id']}")
        await expect(page.locator("tbody")).to_contain_text(str(other["phone"]))


async def test_what_happened_in_life_is_recorded_and_stands_in_the_history(
    chrome: Browser, url: str, registrar: Account, desk: Desk
) -> None:
    head, spouse = unlike(), person(given_name="Səbinə", relation="spouse")
    made = await desk.register(bodies.family(bodies.place(), head, spouse))
    async with window(chrome, url, language="en", expected=("status of 422",)) as context:
        page = await context.new_page()
        await open_page(page, f"/families/{made['id']}/changes", registrar)
        await page.get_by_role("link", name="A death").click()
        await page.select_option("#person_id", made["members"][0]["id"])
        await page.fill("#died_on", "01.11.2026")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator(".mistakes")).to_contain_text("choose another head")
        await page.select_option("#head_id", made["members"][1]["id"])
        await page.get_by_role("button", name="Save").click()
        await page.wait_for_url(re.compile("done=changed"))
        await expect(page.locator("tbody tr")).to_have_count(1)
        await page.goto(f"/families/{made['id']}/changes/birth")
        await page.fill("[name='member.given_name']", "Ay")
        await page.select_option("[name='member.sex']", "female")
        await page.fill("[name='member.birth_date']", "20.11.2026")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator("tbody tr")).to_have_count(2)
        await page.goto(f"/families/{made['id']}/history")
        said = await page.locator(".list h2").all_text_contents()
        assert said == ["A birth", "A death", "Registered"]
