"""A list with mistakes becomes families, in a browser: dry run, bad rows, live progress, once."""

from pathlib import Path

from playwright.async_api import Browser, Page, expect

from services.registration.staff.domain import Account
from tests.browser.walking import sign_in, window
from tests.support.desk import Desk, answered
from tests.support.lists import as_csv, row

_MILLISECONDS = 60_000


async def _counted(page: Page, name: str, many: int) -> None:
    counted = page.locator(f"[data-count={name}]")
    await expect(counted).to_have_text(str(many), timeout=_MILLISECONDS)


def _text(path: Path) -> str:
    return path.read_text("utf-8-sig")


async def test_an_import_with_errors(
    chrome: Browser, url: str, registrar: Account, desk: Desk, tmp_path: Path
) -> None:
    listed = [
        row(1, Soyadı="Dəmirçizadə", Əvvəlki_kənd="Sınaqlı"),
        row(1, "oğlu", Soyadı="Dəmirçizadə", Əvvəlki_kənd="Sınaqlı", Adı="Tural"),
        row(2, FIN="5ABCDO1"),
        row(3, Doğum="31.02.1961", Soyadı="=cmd|' /C calc'!A0"),
    ]
    file = tmp_path / "siyahı.csv"
    file.write_bytes(as_csv(listed))
    async with window(chrome, url, language="en", accept_downloads=True) as context:
        page = await context.new_page()
        await page.goto("/language?to=en&next=/sign-in")
        await sign_in(page, registrar.staff.login)
        await page.goto("/imports")
        await page.set_input_files("#file", file)
        await page.get_by_role("button", name="Upload and check").click()
        write = page.get_by_role("button", name="Write 1 family")
        await expect(write).to_be_visible(timeout=_MILLISECONDS)
        await _counted(page, "bad_families", 2)
        mistakes = page.locator("tbody tr")
        await expect(mistakes.filter(has_text="did you mean 5ABCD01?")).to_have_count(1)
        await expect(mistakes.filter(has_text="there is no such day")).to_have_count(1)
        async with page.expect_download() as started:
            await page.get_by_role("link", name="Take the rows with mistakes").click()
        bad = _text(await (await started.value).path())
        assert "5ABCDO1" in bad
        assert "'=cmd" in bad
        assert "Dəmirçizadə" not in bad
        address = page.url
        # Twice at once, as an impatient hand does.
        await write.dblclick()
        await _counted(page, "written", 1)
        await expect(page.locator("dd [role=status]")).to_contain_text("Written")
        await page.goto(address)
        await expect(page.get_by_role("button", name="Write")).to_have_count(0)
        found = await answered(
            desk.registration.get("/v1/families", params={"q": "Demircizade Sinaqli"})
        )
        [family] = found["items"]
        assert len(family["members"]) == 2
        await page.goto("/imports")
        await page.set_input_files("#file", file)
        await page.get_by_role("button", name="Upload and check").click()
        await page.wait_for_url(address)  # the very same file is the import that it was
        await _counted(page, "written", 1)
