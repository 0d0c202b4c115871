"""The pages of imports in a browser without scripts."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from services.registration.imports.columns import FIELDS, guess
from tests.integration.registration.accounts import Accounts
from tests.integration.registration.test_page_frame import hidden, sign_in
from tests.support.lists import as_csv, row, rows
from tests.support.waiting import eventually
from tests.system import System

LISTED = [*rows(2), row(3, FIN="5ABCDO1"), row(4, Telefon="1")]


@pytest.fixture(scope="module")
async def accounts(alone: System) -> AsyncIterator[Accounts]:
    async with Accounts.of(alone) as made:
        yield made


@pytest.fixture
async def browser(alone: System, accounts: Accounts) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=alone.urls["registration"], trust_env=False) as client:
        await sign_in(client, (await accounts.add("registrar")).staff.login)
        client.headers["Accept-Language"] = "en"
        client.cookies["qayidis_language"] = "en"
        yield client


async def upload(browser: httpx.AsyncClient, content: bytes, **other: str) -> httpx.Response:
    fields = {**hidden(await browser.get("/imports")), **other}
    return await browser.post(
        "/imports/upload", data=fields, files={"file": ("siyahı.csv", content)}
    )


async def seen(browser: httpx.AsyncClient, path: str, text: str) -> str:
    """Load a page again and again until it says something."""

    async def look() -> str:
        page = await browser.get(path)
        assert page.status_code == 200, page.text
        assert text in page.text, re.sub(r"<[^>]+>|\s+", " ", page.text)
        return page.text

    return await eventually(look, 60)


def forms(page: str) -> list[str]:
    return re.findall(r'action="/imports/[^/]+/(\w+)"', page)


async def press(browser: httpx.AsyncClient, path: str, act: str, **other: str) -> httpx.Response:
    page = await browser.get(path)
    answer = await browser.post(f"{path}/{act}", data={**hidden(page), **other})
    assert (answer.status_code, answer.headers["location"]) == (303, path), answer.text
    return answer


async def test_a_list_goes_from_its_file_to_the_register(browser: httpx.AsyncClient) -> None:
    answer = await upload(browser, as_csv(LISTED))
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"]
    page = await seen(browser, path, "Checked, nothing written yet")
    assert "did you mean 5ABCD01?" in page
    assert "Write 2 families" in page
    assert "http-equiv" not in page
    assert forms(page) == ["commit", "cancel", "columns"]
    for odd in ("²-²", f"{'9' * 40}-1"):
        assert (await browser.get(path, params={"after": odd})).status_code == 200
    bad = await browser.get(f"{path}/bad-rows")
    assert bad.content.decode("utf-8-sig").count("\r\n") == 3
    await press(browser, path, "commit")
    await press(browser, path, "commit")
    page = await seen(browser, path, '<span class="tag go">Written')
    assert forms(page) == []
    assert 'data-count="written">2<' in page
    assert path in (await browser.get("/imports")).text
    events = await browser.get(f"{path}/progress")
    assert events.headers["content-type"].startswith("text/event-stream")
    assert "event: committed" in events.text


@pytest.mark.parametrize("language", ["az", "en", "ru"])
async def test_the_columns_of_the_empty_list_are_known(
    browser: httpx.AsyncClient, language: str
) -> None:
    browser.cookies["qayidis_language"] = language
    assert 'href="/imports/empty-list.csv"' in (await browser.get("/imports")).text
    answer = await browser.get("/imports/empty-list.csv")
    headers = answer.content.decode("utf-8-sig").strip().split(";")
    assert set(guess(headers)) == set(FIELDS) - {"full_name"}


async def test_columns_are_chosen_by_hand(browser: httpx.AsyncClient) -> None:
    content = as_csv(rows(1)).replace(b"Cinsi", b"Kim")
    path = (await upload(browser, content)).headers["location"]
    page = await seen(browser, path, "Choose the column that holds this.")
    chosen = {
        f"column.{name}": header
        for name, options in re.findall(
            r'<select id="column\.(\w+)"(.*?)</select>', page, re.DOTALL
        )
        for header in re.findall(r"<option selected>([^<]*)<", options)
    }
    wrong = await browser.post(
        f"{path}/columns",
        data={**hidden(await browser.get(path)), **chosen, "column.sex": "Adı"},
    )
    assert wrong.status_code == 422
    await press(browser, path, "columns", **{**chosen, "column.sex": "Kim"})
    await seen(browser, path, "Write 1 family")


async def test_a_forged_upload_leaves_nothing(
    browser: httpx.AsyncClient, alone: System, accounts: Accounts
) -> None:
    refused = await upload(browser, as_csv(rows(3)), csrf="0" * 64)
    assert refused.status_code == 403
    assert "out of date" in refused.text
    async with alone.database() as database:
        query = "SELECT count(*) FROM registration.imports WHERE state = 'uploading'"
        assert await database.fetchval(query) == 0
    async with httpx.AsyncClient(base_url=alone.urls["registration"], trust_env=False) as nobody:
        answer = await nobody.post("/imports/upload", files={"file": ("a.csv", b"x")})
        assert answer.headers["location"].startswith("/sign-in")
        await sign_in(nobody, (await accounts.add("auditor")).staff.login)
        assert (await nobody.get("/imports")).status_code == 403


async def test_a_file_that_cannot_be_read_says_why(browser: httpx.AsyncClient) -> None:
    path = (await upload(browser, b"%PDF-1.7 page")).headers["location"]
    page = await seen(browser, path, "Cannot be read")
    assert "This is a PDF, not a CSV or XLSX file." in page
