"""Signing in and out: wrong passwords, locks, sessions that end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from services.registration.staff import accounts, handlers
from services.registration.staff.domain import Account, Limits
from shared.problems import Problem
from tests.integration.registration.accounts import PASSWORD, Accounts
from tests.system import System


@pytest.fixture(scope="module")
async def staff(alone: System) -> AsyncIterator[Accounts]:
    async with Accounts.of(alone) as made:
        yield made


async def sign_in(
    staff: Accounts, account: Account, password: str = PASSWORD, address: str | None = None
) -> str:
    async with staff.acting(address) as session:
        signed_in = await handlers.sign_in(session, account.staff.login, password)
    return signed_in.session_token


async def refused(
    staff: Accounts, login: str, password: str = "wrong", address: str | None = None
) -> Problem:
    with pytest.raises(Problem) as problem:
        async with staff.acting(address) as session:
            await handlers.sign_in(session, login, password)
    return problem.value


async def is_live(staff: Accounts, token: str) -> bool:
    async with staff.acting() as session:
        return await handlers.find_session(session, token) is not None


async def acts(alone: System, account: Account) -> list[str]:
    async with alone.database() as database:
        rows = await database.fetch(
            "SELECT action FROM registration.audit_entries WHERE subject_id = $1 ORDER BY entry",
            account.staff.id,
        )
    return [row["action"] for row in rows]


async def test_a_session_begins_with_the_password_and_ends_at_sign_out(
    alone: System, staff: Accounts
) -> None:
    account = await staff.add("registrar", district="AZ-BAR")
    token = await sign_in(staff, account)
    async with staff.acting() as session:
        found = await handlers.find_session(session, token)
    assert found == account.staff
    assert found.subject == f"staff:{account.staff.id}"
    async with staff.acting() as session:
        await handlers.sign_out(session, token)
        await handlers.sign_out(session, token)
    assert not await is_live(staff, token)
    assert not await is_live(staff, "")
    assert await acts(alone, account) == ["staff.added", "staff.signed_in", "staff.signed_out"]


async def test_the_database_keeps_no_token_and_no_password(alone: System, staff: Accounts) -> None:
    account = await staff.add("registrar")
    token = await sign_in(staff, account)
    async with alone.database() as database:
        dump = str(
            await database.fetch(
                "SELECT s.*, t.* FROM registration.staff s "
                "JOIN registration.staff_sessions t ON t.staff_id = s.id WHERE s.id = $1",
                account.staff.id,
            )
        )
    assert "$argon2id$" in dump
    assert token not in dump
    assert PASSWORD not in dump


async def test_signing_out_everywhere_ends_every_session(staff: Accounts) -> None:
    account, other = await staff.add("registrar"), await staff.add("registrar")
    tokens = [await sign_in(staff, account) for _ in range(3)]
    others = await sign_in(staff, other)
    async with staff.acting() as session:
        assert await handlers.sign_out_everywhere(session, account.staff.id) == 3
    assert [await is_live(staff, token) for token in tokens] == [False] * 3
    assert await is_live(staff, others)


async def test_five_wrong_passwords_lock_the_login_though_each_refusal_rolls_back(
    alone: System, staff: Accounts
) -> None:
    account = await staff.add("registrar")
    for _ in range(5):
        assert (await refused(staff, account.staff.login)).slug == "wrong-credentials"
    locked = await refused(staff, account.staff.login, PASSWORD)
    assert (locked.status, locked.slug) == (423, "locked")
    assert locked.more["until"]
    assert await acts(alone, account) == [
        "staff.added",
        *["staff.sign_in_failed"] * 5,
        "staff.locked",
        "staff.refused_while_locked",
    ]


async def test_many_tries_at_once_get_no_more_guesses_than_one_after_the_other(
    staff: Accounts,
) -> None:
    account = await staff.add("registrar")
    answers = await asyncio.gather(*(refused(staff, account.staff.login) for _ in range(12)))
    assert [answer.status for answer in answers].count(401) == 5
    assert [answer.status for answer in answers].count(423) == 7


async def test_a_right_password_forgets_the_wrong_ones_before(staff: Accounts) -> None:
    account = await staff.add("registrar")
    for _ in range(3):
        for _ in range(4):
            await refused(staff, account.staff.login)
        await sign_in(staff, account)


async def test_an_unknown_login_is_refused_and_locked_like_a_known_one(staff: Accounts) -> None:
    login = f"nobody-{uuid4().hex[:8]}"
    answers = [await refused(staff, login) for _ in range(6)]
    assert [answer.status for answer in answers] == [401] * 5 + [423]


async def test_an_address_that_fails_too_often_is_refused_whatever_the_login(
    alone: System,
) -> None:
    address = f"203.0.113.{uuid4().int % 250}"
    async with Accounts.of(alone, Limits(address_failures=4)) as staff:
        account = await staff.add("registrar")
        await sign_in(staff, account, address=address)  # counts as no failure
        for _ in range(4):
            unknown = await refused(staff, f"nobody-{uuid4().hex[:8]}", address=address)
            assert unknown.status == 401
        assert (await refused(staff, account.staff.login, PASSWORD, address)).status == 429
        assert await sign_in(staff, account, address="198.51.100.7")


async def test_a_session_that_is_not_used_and_one_that_is_old_run_out(alone: System) -> None:
    for limits in (
        Limits(idle=timedelta(seconds=0.3)),
        Limits(session=timedelta(seconds=0.3)),
    ):
        async with Accounts.of(alone, limits) as staff:
            token = await sign_in(staff, await staff.add("registrar"))
            assert await is_live(staff, token)
            await asyncio.sleep(0.4)
            assert not await is_live(staff, token)


async def test_using_a_session_keeps_it(alone: System) -> None:
    async with Accounts.of(alone, Limits(idle=timedelta(seconds=0.6))) as staff:
        token = await sign_in(staff, await staff.add("registrar"))
        for _ in range(4):
            await asyncio.sleep(0.3)
            assert await is_live(staff, token)


async def test_a_lock_ends_by_itself(alone: System) -> None:
    async with Accounts.of(alone, Limits(failures=1, lock=timedelta(seconds=0.5))) as staff:
        account = await staff.add("registrar")
        await refused(staff, account.staff.login)
        assert (await refused(staff, account.staff.login, PASSWORD)).status == 423
        await asyncio.sleep(0.6)
        assert await sign_in(staff, account)


async def test_a_temporary_password_runs_out(alone: System) -> None:
    async with Accounts.of(alone, Limits(temporary_password=timedelta(seconds=-1))) as staff:
        new = accounts.NewAccount(f"late-{uuid4().hex[:8]}", "Kəmalə", frozenset({"auditor"}))
        async with staff.sessions.begin() as session:
            account, shown = await accounts.add(session, new)
        assert shown
        assert (await refused(staff, account.staff.login, shown)).slug == "password-expired"


async def test_a_login_is_read_in_any_case_and_a_wrong_one_says_nothing(staff: Accounts) -> None:
    account = await staff.add("registrar")
    async with staff.acting() as session:
        await handlers.sign_in(session, f" {account.staff.login.upper()} ", PASSWORD)
    wrong = await refused(staff, account.staff.login)
    unknown = await refused(staff, "nobody-at-all")
    assert (wrong.status, wrong.slug, wrong.detail) == (
        unknown.status,
        unknown.slug,
        unknown.detail,
    )
