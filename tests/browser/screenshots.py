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

_HEAD = """# The desk's pages

Each page in Azerbaijani, English and Russian; those used standing also as a phone shows them.
Taken anew by `make screenshots`; a new page joins by a line in `tests/browser/places.py`.

| page | az | en | ru | phone |
|---|---|---|---|---|"""


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
    await place.open(page)
    await page.wait_for_load_state("load")


async def _shoot(page: Page, file: Path) -> None:
    await page.screenshot(path=file, animations="disabled")


def write_index(folder: Path) -> None:
    """List the pictures, so that a page is found by its name."""
    pages = {file.name.removesuffix("-az.png") for file in folder.glob("*-az.png")}
    rows = [_row(folder, page) for page in sorted(pages)]
    (folder / "README.md").write_text("\n".join([_HEAD, *rows, ""]), encoding="utf-8")


def _row(folder: Path, page: str) -> str:
    links = [f"[{each}]({page}-{each}.png)" for each in LANGUAGES]
    phone = [
        f"[{each}]({page}-{each}-phone.png)"
        for each in LANGUAGES
        if (folder / f"{page}-{each}-phone.png").exists()
    ]
    cells = (page.replace("-", " "), *links, " ".join(phone) or "–")
    return f"| {' | '.join(cells)} |"


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
    write_index(folder)


if __name__ == "__main__":
    main()
