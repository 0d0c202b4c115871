"""What holds for every page in every language: WCAG 2.2 AA, weight, policy, no errors."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from services.registration.desk.languages import LANGUAGES, Language
from tests.browser.places import Place, places
from tests.browser.seeds import Seeds
from tests.browser.walking import PHONE, sign_in, window
from tests.integration.registration.accounts import Accounts

HEAVIEST = 100_000
"""Bytes of a page with all that it loads, before compression."""

_LOADED = """
["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .filter((entry) => !entry.name.startsWith("data:"))
  .map((entry) => [entry.name, entry.decodedBodySize])
"""

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_is_light_and_open_to_everybody(
    chrome: Browser, url: str, accounts: Accounts, seeds: Seeds, language: Language
) -> None:
    account = await accounts.add("registrar", "organiser", "auditor", "operator")
    wrong: list[str] = []
    async with window(chrome, url, language=language) as context:
        page = await context.new_page()
        await page.goto(f"/language?to={language}&next=/sign-in")
        wrong += await check(page, Place("sign-in", "/sign-in"), language)
        await sign_in(page, account.staff.login)
        for place in places(seeds):
            wrong += await check(page, place, language)
    assert not wrong, "\n".join(wrong)


async def test_no_page_is_wider_than_a_phone(
    chrome: Browser, url: str, accounts: Accounts, seeds: Seeds
) -> None:
    account = await accounts.add("registrar", "organiser", "auditor", "operator")
    async with window(chrome, url, size=PHONE, language="ru") as context:
        page = await context.new_page()
        await page.goto("/language?to=ru&next=/sign-in")
        await sign_in(page, account.staff.login)
        for place in places(seeds):
            await place.open(page)
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= PHONE["width"], place


async def check(page: Page, place: Place, language: Language) -> list[str]:
    """Open a page and say what is wrong with it."""
    answer = await place.open(page)
    assert answer is not None
    assert answer.status == 200, f"{place}: {answer.status}"
    assert await page.get_attribute("html", "lang") == language
    loaded = await page.evaluate(_LOADED)
    weight = sum(bytes_ for _, bytes_ in loaded)
    wrong = [f"{place.name} weighs {weight} bytes"] if weight > HEAVIEST else []
    ours = urlsplit(page.url).netloc
    wrong += [f"{place.name} loads {name}" for name, _ in loaded if urlsplit(name).netloc != ours]
    found = await Axe().run(page, options={"runOnly": WCAG})
    for violation in found.response["violations"]:
        nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
        wrong.append(f"{place.name} ({language}): {violation['id']}: {nodes}")
    return wrong
