"""`python -m tests.browser.screenshots [FOLDER]`: a picture of each page in the three languages.

Starts a system of its own, fills it, and writes PNG files to `docs/desk/`.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page

from deploy.local.secrets import private_secrets
from services.registration.desk.languages import LANGUAGES
from tests.browser.chromium import chromium
from tests.browser.places import Place, places
from tests.browser.seeds import sow
from tests.browser.walking import LAPTOP, PHONE, sign_in, window
from tests.integration.registration.accounts import Accounts
from tests.support import servers
from tests.support.desk import Desk
from tests.system import System, unique_name, whole_system

FOLDER = Path(__file__).parents[2] / "docs" / "desk"


async def take(system: System, folder: Path) -> None:
    """Walk over all pages and write a picture of each."""
    seeds = await sow(Desk(system))
    async with Accounts.of(system) as accounts:
        account = await accounts.add("registrar", "organiser", "auditor", "operator")
    async with chromium() as browser:
        for language in LANGUAGES:
            for size, suffix in ((LAPTOP, ""), (PHONE, "-phone")):
                async with window(
                    browser, system.urls["registration"], language=language, size=size
                ) as context:
                    page = await context.new_page()
                    await page.goto("/sign-in")
                    await _shoot(page, folder / f"sign-in-{language}{suffix}.png")
                    await page.goto(f"/language?to={language}&next=/sign-in")
                    await sign_in(page, account.staff.login)
                    for place in places(seeds):
                        if suffix and not place.on_phone:
                            continue
                        await _show(page, place)
                        await _shoot(page, folder / f"{place.name}-{language}{suffix}.png")
    await system.close_clients()


async def _show(page: Page, place: Place) -> None:
    await page.goto(place.path)
    await page.wait_for_load_state("load")


async def _shoot(page: Page, file: Path) -> None:
    await page.screenshot(path=file, animations="disabled")


def main() -> None:
    """Start a system, take the pictures, take the system down."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        root.chmod(0o755)
        passwords = private_secrets(root / "secrets").passwords
        with (
            servers.session_servers(root / "servers") as admin,
            whole_system(admin, passwords, root / "system", unique_name("pictures")) as system,
        ):
            asyncio.run(take(system, folder))


if __name__ == "__main__":
    main()
