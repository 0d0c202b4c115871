"""What staff do in a browser, and what no page may do while they do it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

from tests.integration.registration.accounts import PASSWORD

PHONE: ViewportSize = {"width": 390, "height": 844}
LAPTOP: ViewportSize = {"width": 1366, "height": 768}
SECONDS = 10

_WATCH = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


@asynccontextmanager
async def window(
    browser: Browser,
    url: str,
    *,
    language: str = "az",
    size: ViewportSize = LAPTOP,
    expected: tuple[str, ...] = (),
    **more: Any,
) -> AsyncIterator[BrowserContext]:
    """Open a browser of its own cookies; fails when a page broke a policy or wrote an error.

    `expected` are parts of console messages that belong to what is tested, such as a status.
    """
    context = await browser.new_context(
        base_url=url, locale=language, viewport=size, reduced_motion="reduce", **more
    )
    context.set_default_timeout(SECONDS * 1_000)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(f"script: {error.error}"))
    context.on(
        "console",
        lambda message: errors.append(message.text) if message.type == "error" else None,
    )
    if more.get("java_script_enabled", True):
        await context.add_init_script(_WATCH)
    try:
        yield context
    finally:
        await context.close()
    wrong = [error for error in errors if not any(part in error for part in expected)]
    assert not wrong, wrong


async def sign_in(page: Page, login: str, password: str = PASSWORD) -> None:
    """Sign in from wherever the page leads to it."""
    if "/sign-in" not in page.url:
        await page.goto("/sign-in")
    await page.fill("#login", login)
    await page.fill("#password", password)
    await page.press("#password", "Enter")
    await page.wait_for_url(lambda url: "/sign-in" not in url)
