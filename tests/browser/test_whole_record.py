"""A file is taken from a page as often as one asks; a receipt is printed."""

from playwright.async_api import Browser, expect

from services.registration.staff.domain import Account
from tests.browser.seeds import Seeds
from tests.browser.walking import sign_in, window


async def test_the_file_is_taken_twice_and_the_page_stays(
    chrome: Browser, url: str, registrar: Account, seeds: Seeds
) -> None:
    family = seeds.families[0]
    async with window(chrome, url, accept_downloads=True) as context:
        page = await context.new_page()
        await page.goto(f"/families/{family['id']}/record")
        await sign_in(page, registrar.staff.login)
        await page.select_option("#person_id", family["members"][0]["id"])
        await page.fill("#reason", "Yazılı müraciət")
        for _ in range(2):
            async with page.expect_download() as taken:
                await page.get_by_role("button", name="Faylı götür").click()
            file = await taken.value
            assert file.suggested_filename == f"record-{family['members'][0]['id']}.json"


async def test_a_receipt_can_be_printed_and_shows_nothing_else(
    chrome: Browser, url: str, registrar: Account, seeds: Seeds
) -> None:
    async with window(chrome, url) as context:
        page = await context.new_page()
        await page.goto(f"/families/{seeds.families[0]['id']}/consents/{seeds.receipt}")
        await sign_in(page, registrar.staff.login)
        await page.evaluate("window.print = () => { document.title = 'printed'; }")
        await page.get_by_role("button", name="Çap et").click()
        await expect(page).to_have_title("printed")
        await page.emulate_media(media="print")
        await expect(page.locator(".receipt")).to_be_visible()
        for hidden in ("header", "footer", "h1", "main button"):
            await expect(page.locator(hidden).first).to_be_hidden()
