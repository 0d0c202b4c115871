"""Everything works without scripts: plain forms, one page after the other."""

import re
from uuid import uuid4

from playwright.async_api import Browser, Page, expect

from services.registration.staff.domain import Account
from tests.browser.walking import sign_in, window
from tests.integration.registration.accounts import Accounts
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
        await enrol_and_give_up(page, event["title"]["az"])
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


async def enrol_and_give_up(page: Page, title: str) -> None:
    """Enrol the family that is open, and give its seats up: by two steps, as they are lost."""
    await page.get_by_role("link", name="Tədbirə yaz").click()
    await expect(page.locator("h1")).to_have_text("Ailə üçün tədbir seçin: İsgəndərov Şahin")
    await page.get_by_role("link", name=title).click()
    await page.get_by_role("button", name="Yaz").click()
    await expect(page.get_by_role("status")).to_contain_text("Ailə üçün 2 yer tutuldu.")
    give_up = page.get_by_role("button", name="Yazılışı ləğv et")
    await expect(give_up).to_be_hidden()
    await page.get_by_text("Yerlərdən imtina…").click()
    await expect(page.get_by_role("group").first).to_contain_text(
        "İsgəndərov Şahin: 2 yer növbədə gözləyənlərə keçir."
    )
    await give_up.click()
    await expect(page.get_by_role("status")).to_contain_text(
        "İsgəndərov Şahin: yazılış ləğv edildi."
    )
    await expect(page.get_by_text("Yerlərdən imtina…")).to_have_count(0)


async def test_a_temporary_password_is_changed_and_a_person_erased_without_scripts(
    chrome: Browser, url: str, accounts: Accounts, desk: Desk
) -> None:
    family = await desk.register(bodies.household(bodies.place(), 2))
    operator = await accounts.add("operator")
    login = f"sevda-{uuid4().hex[:6]}"
    async with window(chrome, url, java_script_enabled=False) as context:
        page = await context.new_page()
        await page.goto("/staff")
        await sign_in(page, operator.staff.login)
        await page.fill("#login", login)
        await page.fill("#name", "Sevda Əlizadə")
        await page.get_by_label("Qeydiyyatçı").check()
        await page.get_by_role("button", name="Hesabı yarat").click()
        shown = await page.get_by_role("status").locator("code").text_content() or ""
    async with window(
        chrome, url, java_script_enabled=False, expected=("401 (Unauthorized)",)
    ) as context:
        page = await context.new_page()
        await page.goto(f"/families/{family['id']}/consents")
        await sign_in(page, login, shown)
        await page.wait_for_url(re.compile(r"/password\?next="))
        for present in ("not-this-one", shown):
            await page.fill("#password", present)
            await page.fill("#new_password", "seven-doors-of-the-old-town")
            await page.fill("#again", "seven-doors-of-the-old-town")
            await page.get_by_role("button", name="Parolu dəyiş").click()
        await page.get_by_role("link", name="Davam et").click()
        await page.wait_for_url("**/consents")
        await page.select_option("[id='give.purpose']", "photographs")
        await page.get_by_role("button", name="Yadda saxla və qəbzi göstər").click()
        await expect(page.locator(".receipt")).to_contain_text("icazə verilib")
        await page.get_by_role("link", name="Razılıqlara qayıt").click()
        await page.get_by_role("link", name="məlumatını sil").click()
        await page.select_option("#who", family["members"][1]["id"])
        await page.select_option("#basis", "court_decision")
        await page.fill("#reason", "Qərar 2-1(81)-14")
        await page.get_by_role("button", name="Nələrin itəcəyinə bax").click()
        await page.get_by_role("button", name="Həmişəlik sil").click()
        await page.wait_for_url(re.compile("/erasures/"))
        await expect(page.get_by_role("main")).to_contain_text("Sevda Əlizadə")
