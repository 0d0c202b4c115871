"""Everything works without scripts: plain forms, one page after the other."""

import re

from playwright.async_api import Browser, expect

from services.registration.staff.domain import Account
from tests.browser.walking import sign_in, window
from tests.support import bodies
from tests.support.desk import Desk


async def test_register_enrol_and_cancel_without_scripts(
    chrome: Browser, url: str, registrar: Account, desk: Desk
) -> None:
    place = bodies.place()
    event = await desk.publish(bodies.event(place, capacity=2, days=3))
    taken = (await desk.register(bodies.household(place, 1)))["members"][0]["fin"]
    async with window(
        chrome, url, java_script_enabled=False, expected=("409 (Conflict)", "422")
    ) as context:
        page = await context.new_page()
        await page.goto("/families/new")
        await sign_in(page, registrar.staff.login)
        await page.get_by_role("button", name="Ailəni yadda saxla").click()
        alert = page.get_by_role("alert")
        await expect(alert).to_contain_text("Bəzi xanalara yenidən baxmaq lazımdır.")
        await alert.get_by_role("link").first.click()
        await page.fill("[name='origin.district']", "Kəlbəcər")
        await page.fill("[name='origin.settlement']", "Ağcakənd")
        await page.fill("[name='residence.district']", "Барда")
        await page.fill("[name='residence.settlement']", "Bərdə")
        first, second = (f"[name='members.{number}" for number in (0, 1))
        await page.select_option(f"{first}.sex']", "male")
        await page.fill(f"{first}.birth_date']", "31.02.1980")
        await page.fill(f"{first}.given_name']", "Şahin")
        await page.fill(f"{first}.family_name']", "İsgəndərov")
        await page.fill(f"{first}.fin']", taken)
        await page.get_by_role("button", name="Şəxs əlavə et").click()
        await expect(page.locator(f"{second}.family_name']")).to_have_value("İsgəndərov")
        await page.select_option(f"{second}.sex']", "female")
        await page.fill(f"{second}.birth_date']", "1.2.1983")
        await page.fill(f"{second}.given_name']", "Gülşən")
        await page.get_by_role("button", name="Ailəni yadda saxla").click()
        await expect(page.locator("[id='members.0.birth_date-wrong']")).to_contain_text(
            "Mövcud olan tarix yazın"
        )
        await page.fill(f"{first}.birth_date']", "28.02.1980")
        await page.get_by_role("button", name="Ailəni yadda saxla").click()
        await expect(page.locator("[id='members.0.fin-wrong']")).to_contain_text(
            "Bu FİN ilə şəxs artıq qeydiyyatdadır."
        )
        await page.fill(f"{first}.fin']", bodies.fin())
        await page.get_by_role("button", name="Ailəni yadda saxla").click()
        await page.wait_for_url(re.compile(r"/families/[0-9a-f-]{36}\?done=registered"))
        await page.get_by_role("link", name="Tədbirə yaz").click()
        await page.get_by_role("link", name=event["title"]["az"]).click()
        await page.get_by_role("button", name="Yaz").click()
        await expect(page.get_by_role("status")).to_contain_text("Ailə üçün 2 yer tutuldu.")
        await page.get_by_role("button", name="Yazılışı ləğv et").click()
        await expect(page.get_by_role("status")).to_contain_text("Yazılış ləğv edildi")
        await page.goto("/")
        await page.fill("#q", "isgenderov sahin")
        await page.press("#q", "Enter")
        found = page.get_by_role("link", name="İsgəndərov Şahin").first
        await expect(found).to_be_visible()
        assert re.fullmatch(r"/\?s=[\w-]+", page.url.removeprefix(url))
        await found.click()
        await page.wait_for_url(re.compile(r"/families/[0-9a-f-]{36}"))
        await page.go_back()
        await expect(found).to_be_visible()
