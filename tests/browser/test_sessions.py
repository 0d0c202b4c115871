"""Sessions that end, forms from elsewhere, and the language of the page."""

from playwright.async_api import Browser, Route, expect

from services.registration.staff import handlers
from services.registration.staff.domain import Account
from tests.browser.walking import sign_in, window
from tests.integration.registration.accounts import Accounts

NEAR = "http://127.0.0.1:9"
"""Another origin of the same site: its requests carry our cookies."""


async def test_a_session_that_ended_leads_back_to_where_one_was(
    chrome: Browser, url: str, registrar: Account, accounts: Accounts
) -> None:
    # The live seats of the page that is open end with the session.
    async with window(chrome, url, expected=("EventSource",)) as context:
        page = await context.new_page()
        await page.goto("/events")
        await sign_in(page, registrar.staff.login)
        async with accounts.sessions.begin() as session:
            await handlers.sign_out_everywhere(session, registrar.staff.id)
        await page.goto("/families/new")
        await expect(page.get_by_role("status")).to_contain_text("Seansınız bitib.")
        await sign_in(page, registrar.staff.login)
        assert page.url == f"{url}/families/new"


async def test_a_form_of_another_origin_changes_nothing(
    chrome: Browser, url: str, registrar: Account
) -> None:
    async def elsewhere(route: Route) -> None:
        form = f'<form method="post" action="{url}/sign-out"><button>Win a prize</button></form>'
        await route.fulfill(body=form, content_type="text/html")

    async with window(chrome, url, expected=("403",)) as context:
        page = await context.new_page()
        await page.goto("/events")
        await sign_in(page, registrar.staff.login)
        await context.route(f"{NEAR}/**", elsewhere)
        await page.goto(f"{NEAR}/prize")
        await page.get_by_role("button").click()
        await expect(page.locator("h1")).to_contain_text("Bu forma köhnəlib")
        await page.goto("/events")
        await expect(page.get_by_role("button", name="Çıxış")).to_be_visible()


async def test_the_language_is_switched_where_one_is(
    chrome: Browser, url: str, registrar: Account
) -> None:
    async with window(chrome, url) as context:
        page = await context.new_page()
        await page.goto("/events?past=1")
        await sign_in(page, registrar.staff.login)
        await expect(page.locator("h1")).to_have_text("Keçmiş tədbirlər")
        await page.get_by_role("link", name="Русский").click()
        assert page.url == f"{url}/events?past=1"
        await expect(page.locator("h1")).to_have_text("Прошедшие мероприятия")
        await page.get_by_role("link", name="English").click()
        await expect(page.locator("h1")).to_have_text("Past events")
