"""One's own password: a temporary one is changed before anything else, a wrong one counts."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import pytest

from services.registration.staff import accounts as staff
from services.registration.staff.domain import Account
from tests.integration.registration.accounts import PASSWORD, Accounts
from tests.integration.registration.test_page_frame import hidden, sign_in
from tests.system import System

OTHER = "seven-doors-of-the-old-town"


@pytest.fixture(scope="module")
async def accounts(alone: System) -> AsyncIterator[Accounts]:
    async with Accounts.of(alone) as made:
        yield made


@pytest.fixture
async def browser(alone: System) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_of(alone) as client:
        yield client


def browser_of(system: System) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=system.urls["registration"], trust_env=False)


async def change_password(
    browser: httpx.AsyncClient, password: str, new: str = OTHER, **other: str
) -> httpx.Response:
    """Fill in the form."""
    page = await browser.get("/password")
    typed = {"password": password, "new_password": new, "again": new, **other}
    return await browser.post("/password", data={**hidden(page), **typed})


async def temporary(accounts: Accounts, *roles: str) -> tuple[Account, str]:
    """Make an account as an operator makes it: with a password to be changed."""
    new = staff.NewAccount(f"desk-{uuid4().hex[:12]}", "Kəmalə", frozenset(roles))
    async with accounts.sessions.begin() as session:
        account, shown = await staff.add(session, new)
    assert shown
    return account, shown


async def test_a_temporary_password_leads_to_the_page_until_it_is_changed(
    alone: System, browser: httpx.AsyncClient, accounts: Accounts
) -> None:
    account, shown = await temporary(accounts, "registrar", "operator")
    assert (await sign_in(browser, account.staff.login, shown)).status_code == 303
    for path in ("/", "/families/new", "/staff", "/events?family=x", "/audit", "/imports"):
        answer = await browser.get(path)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/password?next=/"), path
    csrf = hidden(await browser.get("/password"))["csrf"]
    form = await browser.post("/staff", data={"csrf": csrf, "login": "somebody"})
    assert form.headers["location"].startswith("/password")
    upload = await browser.post("/imports/upload", files={"csrf": (None, csrf)})
    assert upload.headers["location"].startswith("/password")
    page = await browser.get("/password", params={"next": "/events"})
    assert 'href="/families/new"' not in page.text
    changed = await change_password(browser, shown, next="/events")
    assert changed.headers["location"] == "/password?next=/events&done=changed"
    assert 'href="/events"' in (await browser.get(changed.headers["location"])).text
    assert (await browser.get("/families/new")).status_code == 200
    async with browser_of(alone) as other:
        assert (await sign_in(other, account.staff.login, shown)).status_code == 401
        assert (await sign_in(other, account.staff.login, OTHER)).status_code == 303
        assert (await other.get("/families/new")).status_code == 200
    async with alone.database() as database:
        ends = await database.fetchval(
            "SELECT password_expires_at FROM registration.staff WHERE id = $1", account.staff.id
        )
    assert ends is None


async def test_who_signs_in_at_a_provider_is_not_asked_for_a_password_never_seen(
    alone: System, browser: httpx.AsyncClient, accounts: Accounts
) -> None:
    account, shown = await temporary(accounts, "registrar")
    async with alone.database() as database:
        await database.execute(
            "UPDATE registration.staff SET oidc_subject = $2 WHERE id = $1",
            account.staff.id,
            f"https://provider.example {uuid4()}",
        )
    await sign_in(browser, account.staff.login, shown)
    assert (await browser.get("/families/new")).status_code == 200


async def test_changing_ends_every_other_session_and_is_written_down(
    alone: System, browser: httpx.AsyncClient, accounts: Accounts
) -> None:
    account = await accounts.add("registrar")
    async with browser_of(alone) as other:
        for each in (browser, other):
            await sign_in(each, account.staff.login)
        assert (await change_password(browser, PASSWORD)).status_code == 303
        assert (await other.get("/")).headers["location"].startswith("/sign-in")
        assert (await browser.get("/")).status_code == 200
    assert await acts(alone, account.staff.id) == ["staff.password_changed"]


async def test_a_wrong_present_password_is_said_and_counts(
    alone: System, browser: httpx.AsyncClient, accounts: Accounts
) -> None:
    account = await accounts.add("registrar")
    await sign_in(browser, account.staff.login)
    for _ in range(5):
        wrong = await change_password(browser, "not-this-one")
        assert wrong.status_code == 401
        assert "Bu, indiki parolunuz deyil." in wrong.text
    locked = await change_password(browser, PASSWORD)
    assert locked.status_code == 423
    assert await acts(alone, account.staff.id) == []
    assert (await browser.get("/")).status_code == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"again": "another-one-than-before"}, "Bu, yeni parolla eyni deyil."),
        ({"new": PASSWORD}, "Əvvəlkindən fərqli parol seçin."),
        ({"new": "short"}, "12-200 simvoldan ibarət parol seçin."),
        ({"new": "Password1234"}, "Bu parolu tapmaq çox asandır."),
        ({"new": "kəmalə-kəmalə-92-alma"}, "Parolda adınız və ya istifadəçi adınız olmamalıdır."),
    ],
)
async def test_what_cannot_be_a_password_is_said_beside_it(
    browser: httpx.AsyncClient, accounts: Accounts, typed: dict[str, str], said: str
) -> None:
    account = await accounts.add("registrar")
    await sign_in(browser, account.staff.login)
    answer = await change_password(browser, PASSWORD, **typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert (await change_password(browser, PASSWORD)).status_code == 303


async def test_a_temporary_password_that_is_over_cannot_be_exchanged(
    alone: System, browser: httpx.AsyncClient, accounts: Accounts
) -> None:
    account, shown = await temporary(accounts, "registrar")
    await sign_in(browser, account.staff.login, shown)
    async with alone.database() as database:
        await database.execute(
            "UPDATE registration.staff SET password_expires_at = now() WHERE id = $1",
            account.staff.id,
        )
    assert (await change_password(browser, shown)).status_code == 403
    assert await acts(alone, account.staff.id) == []


async def test_the_same_change_at_once_is_made_once(
    alone: System, browser: httpx.AsyncClient, accounts: Accounts
) -> None:
    account = await accounts.add("registrar")
    await sign_in(browser, account.staff.login)
    answers = await asyncio.gather(*(change_password(browser, PASSWORD) for _ in range(4)))
    assert sorted(each.status_code for each in answers) == [303, 401, 401, 401]
    assert await acts(alone, account.staff.id) == ["staff.password_changed"]


async def test_nobody_changes_a_password_without_signing_in_or_from_elsewhere(
    browser: httpx.AsyncClient, accounts: Accounts
) -> None:
    assert (await browser.get("/password")).headers["location"].startswith("/sign-in?next=")
    account = await accounts.add("registrar")
    await sign_in(browser, account.staff.login)
    typed = {"password": PASSWORD, "new_password": OTHER, "again": OTHER}
    assert (await browser.post("/password", data=typed)).status_code == 403
    headers = {"Origin": "https://elsewhere.example"}
    form = {**hidden(await browser.get("/password")), **typed}
    assert (await browser.post("/password", data=form, headers=headers)).status_code == 403
    assert (await change_password(browser, PASSWORD)).status_code == 303


async def acts(system: System, staff_id: UUID) -> list[str]:
    """What was done to an account's password, by the audit log."""
    async with system.database() as database:
        rows = await database.fetch(
            "SELECT action FROM registration.audit_entries "
            "WHERE subject_id = $1 AND action LIKE 'staff.password%' ORDER BY entry",
            staff_id,
        )
    return [row["action"] for row in rows]
