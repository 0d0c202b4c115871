"""Reads and writes of the audit log."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_skip
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit.domain import Act, Entry, Head, Placed, Seal, Wanted
from services.registration.audit.tables import (
    AUDIT_ENTRIES,
    AUDIT_HEADS,
    AUDIT_SEALS,
    AUDIT_WAITING,
)
from shared.actors import Actor

_ENTRY = [AUDIT_ENTRIES.c[each.name] for each in fields(Entry)]
_SEAL = [AUDIT_SEALS.c[each.name].label(f"seal_{each.name}") for each in fields(Seal)]


async def insert_entries(
    session: AsyncSession, actor: Actor, correlation_id: str, acts: Sequence[Act]
) -> None:
    """Write down what an actor did; the reason of the call stands where an act has none."""
    await session.execute(
        insert(AUDIT_ENTRIES),
        [
            {
                "actor": actor.subject,
                "roles": sorted(actor.roles),
                "address": actor.address,
                "reason": act.reason or actor.reason,
                "action": act.action,
                "subject_type": act.subject_type,
                "subject_id": act.subject_id,
                "details": act.details,
                "correlation_id": correlation_id,
            }
            for act in acts
        ],
    )


async def list_entries(
    session: AsyncSession, wanted: Wanted, before: int | None, limit: int
) -> list[Placed]:
    """Read entries with their seals, the newest first, those before one entry."""
    statement = _narrow(
        select(*_ENTRY, *_SEAL).outerjoin_from(
            AUDIT_ENTRIES, AUDIT_SEALS, AUDIT_SEALS.c.entry == AUDIT_ENTRIES.c.entry
        ),
        wanted,
    )
    if before is not None:
        statement = statement.where(AUDIT_ENTRIES.c.entry < before)
    rows = await session.execute(statement.order_by(AUDIT_ENTRIES.c.entry.desc()).limit(limit))
    return [_placed(row) for row in rows]


async def take_chain(session: AsyncSession) -> bool:
    """Become the one who gives places, until the commit; False while another one does."""
    number = func.hashtext("registration audit chain")
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(number))))


async def last_seal(session: AsyncSession) -> Seal | None:
    """Read the last place of the chain."""
    statement = select(AUDIT_SEALS).order_by(AUDIT_SEALS.c.position.desc()).limit(1)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else Seal(row.position, row.entry, row.previous, row.digest)


async def list_waiting(session: AsyncSession, limit: int) -> list[Entry]:
    """Read committed entries that have no place yet."""
    statement = (
        select(*_ENTRY)
        .join(AUDIT_WAITING, AUDIT_WAITING.c.entry == AUDIT_ENTRIES.c.entry)
        .order_by(AUDIT_ENTRIES.c.entry)
        .limit(limit)
    )
    return [Entry(*row) for row in await session.execute(statement)]


async def insert_seals(session: AsyncSession, seals: Sequence[Seal]) -> None:
    """Write places, and let their entries wait no more."""
    rows = [{each.name: getattr(seal, each.name) for each in fields(Seal)} for seal in seals]
    await session.execute(insert(AUDIT_SEALS), rows)
    sealed = [seal.entry for seal in seals]
    await session.execute(delete(AUDIT_WAITING).where(AUDIT_WAITING.c.entry.in_(sealed)))


async def insert_head(session: AsyncSession, head: Head) -> bool:
    """Keep the head of a day; False when that day has one."""
    statement = insert_or_skip(AUDIT_HEADS).values(
        day=head.day, position=head.position, digest=head.digest
    )
    kept = await session.scalar(statement.on_conflict_do_nothing().returning(AUDIT_HEADS.c.day))
    return kept is not None


async def count_heads(session: AsyncSession) -> int:
    """Count the heads there are."""
    return await session.scalar(select(func.count()).select_from(AUDIT_HEADS)) or 0


async def find_head(session: AsyncSession, day: date) -> Head | None:
    """Read the head of a day."""
    row = (await session.execute(select(AUDIT_HEADS).where(AUDIT_HEADS.c.day == day))).first()
    return None if row is None else Head(row.day, row.position, row.digest)


async def list_heads(session: AsyncSession, before: date | None, limit: int) -> list[Head]:
    """Read heads, the newest first, those before a day."""
    statement = select(AUDIT_HEADS).order_by(AUDIT_HEADS.c.day.desc()).limit(limit)
    if before is not None:
        statement = statement.where(AUDIT_HEADS.c.day < before)
    return [Head(row.day, row.position, row.digest) for row in await session.execute(statement)]


async def now(session: AsyncSession) -> datetime:
    """Tell the database's time, which is that of the entries."""
    told: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return told


def _narrow(statement: Select[*tuple[Any, ...]], wanted: Wanted) -> Select[*tuple[Any, ...]]:
    for name in ("actor", "action", "subject_type", "subject_id"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(AUDIT_ENTRIES.c[name] == value)
    if wanted.since is not None:
        statement = statement.where(AUDIT_ENTRIES.c.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(AUDIT_ENTRIES.c.at < wanted.until)
    return statement


def _placed(row: Row[*tuple[Any, ...]]) -> Placed:
    values = tuple(row)
    entry, seal = values[: len(_ENTRY)], values[len(_ENTRY) :]
    return Placed(Entry(*entry), None if seal[0] is None else Seal(*seal))
