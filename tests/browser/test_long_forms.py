"""Forms that are filled in at length: what is proposed, what is wrong, and what is not lost."""

import re

from playwright.async_api import Browser, Dialog, Locator, Page, expect

from services.registration.staff.domain import Account
from tests.browser.walking import sign_in, window
from tests.support import bodies
from tests.support.desk import Desk


async def test_a_girl_gets_her_form_of_the_surname_and_her_fathers_name(
    chrome: Browser, url: str, registrar: Account, desk: Desk
) -> None:
    father = bodies.person(given_name="Elçin", family_name="Qurbanov", sex="male")
    family = await desk.register(bodies.family(bodies.place(), father))
    async with window(chrome, url) as context:
        page = await context.new_page()
        await page.goto(f"/families/{family['id']}/changes/birth")
        await sign_in(page, registrar.staff.login)
        await expect(field(page, "member.family_name")).to_have_value("")
        await field(page, "member.sex").select_option("female")
        await expect(field(page, "member.family_name")).to_have_value("Qurbanova")
        await expect(field(page, "member.patronymic")).to_have_value("Elçin qızı")
        await field(page, "member.sex").select_option("male")
        await expect(field(page, "member.family_name")).to_have_value("Qurbanov")
        await field(page, "member.patronymic").fill("Elçinoviç")
        await field(page, "member.sex").select_option("female")
        await expect(field(page, "member.patronymic")).to_have_value("Elçinoviç")
        await field(page, "member.patronymic").fill("Elçin qızı")
        await field(page, "member.given_name").fill("Nuray")
        await field(page, "member.birth_date").fill("01.10.2026")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(re.compile(r"/families/[0-9a-f-]{36}\?done=changed"))
        await expect(page.locator("tbody tr").nth(1)).to_contain_text("Qurbanova Nuray Elçin qızı")


async def test_a_fathers_name_that_is_typed_alone_gets_its_ending(
    chrome: Browser, url: str, registrar: Account
) -> None:
    async with window(chrome, url) as context:
        page = await context.new_page()
        await page.goto("/families/new")
        await sign_in(page, registrar.staff.login)
        patronymic = field(page, "members.0.patronymic")
        await field(page, "members.0.sex").select_option("female")
        for typed, kept in (
            ("Tofiq", "Tofiq qızı"),
            ("Tofiq oğlu", "Tofiq oğlu"),
            ("Tofiqovna", "Tofiqovna"),
        ):
            await patronymic.fill(typed)
            await patronymic.blur()
            await expect(patronymic).to_have_value(kept)


async def test_the_browser_asks_before_what_was_typed_is_lost(
    chrome: Browser, url: str, registrar: Account, desk: Desk
) -> None:
    family = await desk.register(bodies.household(bodies.place(), 2))
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    async with window(chrome, url, expected=("422",)) as context:
        page = await context.new_page()
        page.on("dialog", stay)
        await page.goto("/families/new")
        await sign_in(page, registrar.staff.login)
        for path, name in (
            ("/families/new", "origin.settlement"),
            (f"/families/{family['id']}/edit", "origin.settlement"),
            (f"/families/{family['id']}/changes/move", "residence.settlement"),
        ):
            await page.goto(path)
            await page.get_by_role("link", name="Axtarış").click()  # nothing was typed yet
            await page.wait_for_url(f"{url}/")
            await page.goto(path)
            await field(page, name).fill("Çəmənli")
            for away in ("English", "Axtarış", "Tədbirlər"):
                asked.clear()
                await page.get_by_role("link", name=away).click(no_wait_after=True)
                await expect(field(page, name)).to_have_value("Çəmənli")
                assert asked == ["beforeunload"], (path, away)
            asked.clear()
            await page.get_by_role("link", name="Yadda saxlamadan çıx").click()
            await expect(field(page, name)).to_have_count(0)
            assert not asked
        # Neither sending nor searching is leaving.
        await page.goto(f"/families/{family['id']}/changes/move")
        await field(page, "residence.settlement").fill("Çəmənli")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("alert")).to_be_visible()
        await field(page, "residence.district").fill("Bərdə")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url("**done=changed")
        await page.goto("/")
        await page.keyboard.type("hesenov")
        await page.get_by_role("link", name="Tədbirlər").click()
        await page.wait_for_url("**/events")
        assert not asked


async def test_what_is_wrong_is_named_in_the_order_of_the_page(
    chrome: Browser, url: str, registrar: Account
) -> None:
    async with window(chrome, url, expected=("422",)) as context:
        page = await context.new_page()
        await page.goto("/families/new")
        await sign_in(page, registrar.staff.login)
        await field(page, "members.0.given_name").fill("Elçin")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("alert")).to_be_visible()
        links = page.get_by_role("alert").get_by_role("link")
        said = await links.all_inner_texts()
        assert said[0] == "Haradan köçürülüblər, Rayon: Bu xananı doldurun."
        assert "Şəxs 1, Cinsi: Bu xananı doldurun." in said
        fields = [(await link.get_attribute("href") or "")[1:] for link in await links.all()]
        order = await page.locator("main form [name]").evaluate_all(
            "elements => elements.map((each) => each.name)"
        )
        assert fields == sorted(fields, key=order.index)
        # The label and the message are in sight where each link leads.
        for link, name in zip(await links.all(), fields, strict=True):
            await link.click()
            await expect(field(page, name)).to_be_focused()
            for part in (f"label[for='{name}']", f"[id='{name}-wrong']"):
                await expect(page.locator(part)).to_be_in_viewport()


def field(page: Page, name: str) -> Locator:
    """Give the field of a name."""
    return page.locator(f"[name='{name}']")
