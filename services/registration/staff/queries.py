"""Reads and writes of signing in: accounts by login, sessions, failed tries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import CursorResult, Row, case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.staff.domain import Staff
from services.registration.staff.tables import FAILURES, SESSIONS, STAFF

_TOUCHED_EVERY = timedelta(minutes=1)
_REMEMBERED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What decides about signing in."""

    staff: Staff
    password_hash: str | None
    password_expired: bool
    disabled: bool


@dataclass(frozen=True, slots=True)
class Tries:
    """Failed tries of one key, the present one among them; `until` is when they are forgotten."""

    failures: int
    until: datetime


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that neither ended nor ran out, and whose it is."""

    id: UUID
    staff: Staff


async def find_credentials(
    session: AsyncSession, login: str, *, lock: Literal["no", "to read", "to change"] = "no"
) -> Credentials | None:
    """Read what decides about signing in with a login, and hold it until the transaction ends."""
    statement = select(STAFF, STAFF.c.password_expires_at < func.now()).where(
        STAFF.c.login == login
    )
    if lock != "no":
        statement = statement.with_for_update(read=lock == "to read")
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    return Credentials(staff_of(row), row.password_hash, bool(row[-1]), row.disabled_at is not None)


async def count_try(session: AsyncSession, key: bytes, limit: int, period: timedelta) -> Tries:
    """Count a try as failed before it is judged, so that many at once cannot pass the limit.

    What is older than the period is forgotten; reaching the limit begins it anew.
    """
    over = FAILURES.c.since < func.now() - period
    counted = FAILURES.c.failures + 1
    statement = (
        insert(FAILURES)
        .values(key=key, failures=1, since=func.now())
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "failures": case((over, 1), else_=func.least(counted, limit + 1)),
                "since": case((or_(over, counted == limit), func.now()), else_=FAILURES.c.since),
            },
        )
        .returning(FAILURES.c.failures, FAILURES.c.since)
    )
    row = (await session.execute(statement)).one()
    return Tries(row.failures, row.since + period)


async def take_back_try(session: AsyncSession, key: bytes) -> None:
    """Take back one try that turned out to be right."""
    await session.execute(
        update(FAILURES)
        .where(FAILURES.c.key == key)
        .values(failures=func.greatest(FAILURES.c.failures - 1, 0))
    )


async def forget_tries(session: AsyncSession, key: bytes) -> None:
    """Forget the tries of a key."""
    await session.execute(delete(FAILURES).where(FAILURES.c.key == key))


async def forget_old_tries(session: AsyncSession, period: timedelta) -> None:
    """Forget the tries that count no more, of all keys; those that others work on are left."""
    old = (
        select(FAILURES.c.key)
        .where(FAILURES.c.since < func.now() - period)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    await session.execute(delete(FAILURES).where(FAILURES.c.key.in_(old)))


async def insert_session(
    session: AsyncSession, session_id: UUID, staff_id: UUID, token_hash: bytes, life: timedelta
) -> None:
    """Keep a new session, and forget the person's long gone ones."""
    await session.execute(
        delete(SESSIONS).where(
            SESSIONS.c.staff_id == staff_id, SESSIONS.c.expires_at < func.now() - _REMEMBERED
        )
    )
    await session.execute(
        insert(SESSIONS).values(
            id=session_id,
            staff_id=staff_id,
            token_hash=token_hash,
            expires_at=func.now() + life,
        )
    )


async def find_session(
    session: AsyncSession, token_hash: bytes, idle: timedelta
) -> LiveSession | None:
    """Read a live session by its token, and note that it was seen."""
    row = await _live(session, SESSIONS.c.token_hash == token_hash, idle)
    if row is None:
        return None
    if row.untouched:
        await session.execute(
            update(SESSIONS).where(SESSIONS.c.id == row.sid).values(last_seen_at=func.now())
        )
    return LiveSession(row.sid, staff_of(row))


async def find_session_by_id(
    session: AsyncSession, session_id: UUID, idle: timedelta
) -> LiveSession | None:
    """Read a live session by its id."""
    row = await _live(session, SESSIONS.c.id == session_id, idle)
    return None if row is None else LiveSession(row.sid, staff_of(row))


async def end_session(session: AsyncSession, token_hash: bytes) -> UUID | None:
    """End a session; gives whose it was, None when there is none to end."""
    staff_id: UUID | None = await session.scalar(
        update(SESSIONS)
        .where(SESSIONS.c.token_hash == token_hash, SESSIONS.c.ended_at.is_(None))
        .values(ended_at=func.now())
        .returning(SESSIONS.c.staff_id)
    )
    return staff_id


async def end_sessions(session: AsyncSession, staff_id: UUID, *, but: UUID | None = None) -> int:
    """End all sessions of a person, but one where it is named; gives how many."""
    statement = update(SESSIONS).where(
        SESSIONS.c.staff_id == staff_id, SESSIONS.c.ended_at.is_(None)
    )
    if but is not None:
        statement = statement.where(SESSIONS.c.id != but)
    ended = await session.execute(statement.values(ended_at=func.now()))
    return cast(CursorResult[Any], ended).rowcount


def staff_of(row: Row[Any]) -> Staff:
    """Make the entity of an account's row."""
    return Staff(
        id=row.id,
        login=row.login,
        name=row.name,
        roles=frozenset(row.roles),
        district=row.district,
        language=row.language,
        must_change_password=row.password_expires_at is not None and row.oidc_subject is None,
    )


def _touched_every(idle: timedelta) -> timedelta:
    """Once a minute is enough; a write for each read would be a waste."""
    return min(_TOUCHED_EVERY, idle / 4)


async def _live(session: AsyncSession, which: Any, idle: timedelta) -> Row[Any] | None:
    statement = (
        select(
            STAFF,
            SESSIONS.c.id.label("sid"),
            (SESSIONS.c.last_seen_at < func.now() - _touched_every(idle)).label("untouched"),
        )
        .join(STAFF, STAFF.c.id == SESSIONS.c.staff_id)
        .where(
            which,
            SESSIONS.c.ended_at.is_(None),
            SESSIONS.c.expires_at > func.now(),
            SESSIONS.c.last_seen_at > func.now() - idle,
            STAFF.c.disabled_at.is_(None),
        )
    )
    return (await session.execute(statement)).one_or_none()
