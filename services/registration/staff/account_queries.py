"""Reads and writes of staff accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.staff.domain import Account
from services.registration.staff.queries import staff_of
from services.registration.staff.tables import SESSIONS, STAFF


@dataclass(frozen=True, slots=True)
class Secret:
    """A password's hash; a temporary one has an end."""

    password_hash: str | None
    expires_at: datetime | None = None


async def insert_account(session: AsyncSession, account: Account, secret: Secret) -> bool:
    """Write a new account; False when its login or e-mail is taken."""
    staff = account.staff
    made = await session.scalar(
        insert(STAFF)
        .values(
            id=staff.id,
            version=account.version,
            created_at=account.created_at,
            login=staff.login,
            name=staff.name,
            email=account.email,
            roles=sorted(staff.roles),
            district=staff.district,
            language=staff.language,
            password_hash=secret.password_hash,
            password_expires_at=secret.expires_at,
        )
        .on_conflict_do_nothing()
        .returning(STAFF.c.id)
    )
    return made is not None


async def find_account(
    session: AsyncSession, staff_id: UUID, *, lock: bool = False
) -> Account | None:
    """Read an account, and hold it until the transaction ends when it is to be changed."""
    statement = _select().where(STAFF.c.id == staff_id)
    if lock:
        statement = statement.with_for_update(of=STAFF)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _account(row)


async def find_id(session: AsyncSession, login: str) -> UUID | None:
    """Find the account of a login."""
    found: UUID | None = await session.scalar(select(STAFF.c.id).where(STAFF.c.login == login))
    return found


async def find_linked(session: AsyncSession, subject: str) -> Account | None:
    """Read the account that is linked to a provider's name of a person."""
    row = (await session.execute(_select().where(STAFF.c.oidc_subject == subject))).one_or_none()
    return None if row is None else _account(row)


async def find_to_link(
    session: AsyncSession, email: str | None, login: str | None
) -> Account | None:
    """Read the one account with an e-mail or a login that is linked to nobody, and hold it."""
    # Never compared with nothing: that would be every account without an e-mail.
    known = [STAFF.c.email == email] if email else []
    known += [STAFF.c.login == login] if login else []
    if not known:
        return None
    statement = _select().where(or_(*known), STAFF.c.oidc_subject.is_(None))
    rows = (await session.execute(statement.with_for_update(of=STAFF))).all()
    return _account(rows[0]) if len(rows) == 1 else None


async def link(session: AsyncSession, staff_id: UUID, subject: str) -> None:
    """Link an account to a provider's name of a person."""
    await session.execute(
        update(STAFF)
        .where(STAFF.c.id == staff_id)
        .values(oidc_subject=subject, version=STAFF.c.version + 1)
    )


async def list_accounts(
    session: AsyncSession, after: str, limit: int, *, disabled: bool | None = None
) -> Sequence[Account]:
    """Read accounts in the order of their logins, those behind one of them."""
    statement = _select().where(STAFF.c.login > after).order_by(STAFF.c.login).limit(limit)
    if disabled is not None:
        gone = STAFF.c.disabled_at.is_not(None)
        statement = statement.where(gone if disabled else ~gone)
    return [_account(row) for row in await session.execute(statement)]


async def update_account(session: AsyncSession, account: Account) -> None:
    """Write what may change of a locked account.

    Raises:
        IntegrityError: its e-mail is another account's.
    """
    staff = account.staff
    await session.execute(
        update(STAFF)
        .where(STAFF.c.id == staff.id)
        .values(
            version=account.version,
            name=staff.name,
            email=account.email,
            roles=sorted(staff.roles),
            district=staff.district,
            language=staff.language,
            disabled_at=account.disabled_at,
        )
    )


async def update_secret(session: AsyncSession, staff_id: UUID, secret: Secret) -> None:
    """Give an account a new password."""
    await session.execute(
        update(STAFF)
        .where(STAFF.c.id == staff_id)
        .values(
            version=STAFF.c.version + 1,
            password_hash=secret.password_hash,
            password_expires_at=secret.expires_at,
        )
    )


async def email_is_taken(session: AsyncSession, email: str, staff_id: UUID) -> bool:
    """Tell whether another account has an e-mail address."""
    other = select(STAFF.c.id).where(STAFF.c.email == email, STAFF.c.id != staff_id)
    return await session.scalar(other) is not None


async def count_other_operators(session: AsyncSession, staff_id: UUID) -> int:
    """Count the operators beside one that could still sign in, and hold them."""
    rows = await session.execute(
        select(STAFF.c.id)
        .where(
            STAFF.c.id != staff_id,
            STAFF.c.roles.contains(["operator"]),
            STAFF.c.disabled_at.is_(None),
        )
        .order_by(STAFF.c.id)
        .with_for_update()
    )
    return len(rows.all())


def _select() -> Any:
    seen = (
        select(func.max(SESSIONS.c.last_seen_at))
        .where(SESSIONS.c.staff_id == STAFF.c.id)
        .scalar_subquery()
    )
    return select(STAFF, seen.label("last_seen_at"))


def _account(row: Row[Any]) -> Account:
    return Account(
        staff=staff_of(row),
        email=row.email,
        version=row.version,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        password_expires_at=row.password_expires_at,
        last_seen_at=row.last_seen_at,
    )
