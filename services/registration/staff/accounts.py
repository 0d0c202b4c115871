"""The use cases of staff accounts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.staff import account_queries as queries
from services.registration.staff import handlers
from services.registration.staff.domain import Account, Language, Staff, check_login, read_login
from services.registration.staff.means import means_of
from services.registration.staff.passwords import (
    WeakPasswordError,
    check_strength,
    temporary_password,
)
from shared.ids import new_id
from shared.problems import conflict, invalid, not_found
from shared.transactions import apart
from shared.versions import check_version


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Who gets an account."""

    login: str
    name: str
    roles: frozenset[str]
    district: str | None = None
    language: Language = "az"
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What of an account changes: a field that is not among `named` stays as it is."""

    named: frozenset[str]
    name: str = ""
    roles: frozenset[str] = frozenset()
    district: str | None = None
    language: Language = "az"
    email: str | None = None
    disabled: bool = False


async def add(
    session: AsyncSession, new: NewAccount, password: str | None = None
) -> tuple[Account, str | None]:
    """Make an account; without a password it gets a temporary one, which is given here alone.

    Raises:
        Problem: 422, the login or the password cannot be one; 409, login or e-mail is taken.
    """
    login = read_login(new.login)
    try:
        check_login(login)
    except ValueError as wrong:
        raise invalid("login", str(wrong)) from None
    staff = Staff(new_id(), login, new.name, new.roles, new.district, new.language)
    secret, shown = await _secret(session, staff, password)
    account = Account(
        staff=staff,
        email=_email(new.email),
        version=1,
        created_at=datetime.now(UTC),
        disabled_at=None,
        password_expires_at=secret.expires_at,
    )
    if not await queries.insert_account(session, account, secret):
        raise conflict("staff-exists", "There is an account with this login or e-mail already.")
    await audit.record(
        session, "staff.added", "staff", staff.id, roles=sorted(new.roles), district=new.district
    )
    return account, shown


async def get(session: AsyncSession, staff_id: UUID) -> Account:
    """Read one account.

    Raises:
        Problem: 404, there is none.
    """
    account = await queries.find_account(session, staff_id)
    if account is None:
        raise not_found("member of the staff")
    return account


async def find_by_login(session: AsyncSession, login: str) -> Account:
    """Read the account of a login.

    Raises:
        Problem: 404, there is none.
    """
    account = await look_up(session, login)
    if account is None:
        raise not_found("member of the staff")
    return account


async def look_up(session: AsyncSession, login: str) -> Account | None:
    """Read the account of a login, where there is one."""
    staff_id = await queries.find_id(session, read_login(login))
    return None if staff_id is None else await get(session, staff_id)


async def list_(
    session: AsyncSession, after: str, limit: int, *, disabled: bool | None = None
) -> Sequence[Account]:
    """Read accounts in the order of their logins."""
    return await queries.list_accounts(session, after, limit, disabled=disabled)


async def change(
    session: AsyncSession, staff_id: UUID, expected_version: int, changes: Changes
) -> Account:
    """Change an account; disabling it, or taking roles or a district away, ends its sessions.

    Raises:
        Problem: 404, there is none; 412, it was changed since; 409, the e-mail is taken, or nobody
            would be left who can change accounts.
    """
    before = await queries.find_account(session, staff_id, lock=True)
    if before is None:
        raise not_found("member of the staff")
    check_version(expected_version, before.version)
    after = _apply(before, changes)
    if after == before:
        return before
    after = replace(after, version=before.version + 1)
    await _check_change(session, before, after)
    await queries.update_account(session, after)
    await audit.record(session, "staff.changed", "staff", staff_id, fields=sorted(changes.named))
    if after.disabled_at is not None and before.disabled_at is None:
        await audit.record(session, "staff.disabled", "staff", staff_id)
    if _rights(after) != _rights(before):
        await handlers.sign_out_everywhere(session, staff_id)
    return after


async def set_password(
    session: AsyncSession, staff_id: UUID, password: str | None
) -> tuple[Account, str | None]:
    """Give an account another password and end its sessions; without one, a temporary one.

    Raises:
        Problem: 404, there is none; 422, the password cannot be one.
    """
    account = await get(session, staff_id)
    secret, shown = await _secret(session, account.staff, password)
    await queries.update_secret(session, staff_id, secret)
    await audit.record(
        session, "staff.password_set", "staff", staff_id, temporary=shown is not None
    )
    await handlers.unlock(session, account.staff.login)
    await handlers.sign_out_everywhere(session, staff_id)
    return await get(session, staff_id), shown


async def change_own_password(
    session: AsyncSession, staff_id: UUID, session_id: UUID, password: str, new_password: str
) -> None:
    """Change one's own password; every session but this one ends. Call it first in a request.

    A temporary password becomes one of the person's own by it, without an end.

    Raises:
        Problem: 401, the present password is wrong; 403, it was temporary and is over; 422, the new
            one cannot be one; 423 or 429, too many wrong ones.
    """
    async with apart(session) as own:
        login = (await get(own, staff_id)).staff.login
    known = await handlers.prove(session, login, password, to_change=True)
    if new_password == password:
        raise invalid("new_password", "must be another than before")
    secret, _ = await _secret(session, known.staff, new_password, "new_password")
    await queries.update_secret(session, staff_id, secret)
    ended = await handlers.sign_out_elsewhere(session, staff_id, session_id)
    await audit.record(
        session,
        "staff.password_changed",
        "staff",
        staff_id,
        temporary=known.staff.must_change_password,
        sessions=ended,
    )


async def sign_out_everywhere(session: AsyncSession, staff_id: UUID) -> int:
    """End all sessions of an account; gives how many there were.

    Raises:
        Problem: 404, there is no such account.
    """
    await get(session, staff_id)
    return await handlers.sign_out_everywhere(session, staff_id)


async def _secret(
    session: AsyncSession, staff: Staff, password: str | None, field: str = "password"
) -> tuple[queries.Secret, str | None]:
    means = means_of(session)
    if password is None:
        shown = temporary_password()
        ends = datetime.now(UTC) + means.limits.temporary_password
        return queries.Secret(await means.passwords.make(shown), ends), shown
    try:
        own = (staff.login, *staff.login.split("@")[:1], *staff.name.split())
        check_strength(password, means.limits.password_length, own)
    except WeakPasswordError as weak:
        raise invalid(field, str(weak)) from None
    return queries.Secret(await means.passwords.make(password)), None


def _apply(account: Account, changes: Changes) -> Account:
    named = changes.named
    given = {
        name: getattr(changes, name)
        for name in ("name", "roles", "district", "language")
        if name in named
    }
    disabled_at = account.disabled_at
    if "disabled" in named:
        disabled_at = (disabled_at or datetime.now(UTC)) if changes.disabled else None
    return replace(
        account,
        staff=replace(account.staff, **given),
        email=_email(changes.email) if "email" in named else account.email,
        disabled_at=disabled_at,
    )


async def _check_change(session: AsyncSession, before: Account, after: Account) -> None:
    if (
        after.email
        and after.email != before.email
        and await queries.email_is_taken(session, after.email, after.staff.id)
    ):
        raise conflict("staff-exists", "There is an account with this e-mail already.")
    loses = _is_operator(before) and not _is_operator(after)
    if loses and not await queries.count_other_operators(session, after.staff.id):
        raise conflict("last-operator", "Nobody would be left who can change accounts.")


def _is_operator(account: Account) -> bool:
    return account.disabled_at is None and "operator" in account.staff.roles


def _rights(account: Account) -> tuple[object, ...]:
    return account.staff.roles, account.staff.district, account.disabled_at is None


def _email(email: str | None) -> str | None:
    return None if email is None else email.strip().lower()
