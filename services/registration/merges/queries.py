"""Reads and writes of merges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.families.reach import family_within
from services.registration.merges.domain import Merge
from services.registration.merges.tables import MADE, MERGES, REASON
from shared.sealing import Sealer, sealer_of

_MERGE: TypeAdapter[Merge] = TypeAdapter(Merge)


@dataclass(frozen=True, slots=True)
class Kept:
    """A merge, and the way back of everything that pointed to the merged."""

    merge: Merge
    pointers: Mapping[str, Sequence[dict[str, Any]]]


async def insert_merge(session: AsyncSession, kept: Kept) -> None:
    """Write a merge that was made."""
    made = kept.merge
    await session.execute(
        insert(MERGES).values(
            id=made.id,
            at=made.at,
            actor=made.actor,
            kept_family_id=made.kept_before.id,
            merged_family_id=made.merged_before.id,
            case_id=made.case_id,
            made_sealed=sealer_of(session).seal(_MERGE.dump_json(made).decode(), MADE),
            pointers=kept.pointers,
        )
    )


async def find_merge(session: AsyncSession, merge_id: UUID) -> Merge | None:
    """Read one merge."""
    statement = select(MERGES).where(MERGES.c.id == merge_id, _reached())
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _merge(sealer_of(session), row)


async def lock_merge(session: AsyncSession, merge_id: UUID) -> Kept | None:
    """Read one merge and hold it until the transaction ends."""
    statement = select(MERGES).where(MERGES.c.id == merge_id, _reached()).with_for_update()
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else Kept(_merge(sealer_of(session), row), row.pointers)


async def list_merges(
    session: AsyncSession,
    family_id: UUID | None,
    before: UUID | None,
    limit: int,
    *,
    everywhere: bool = False,
) -> list[Merge]:
    """Read merges, the newest first, of one family or of all, those made before one of them.

    Those out of reach are left out, unless they are read to forget somebody `everywhere`.
    """
    statement = select(MERGES).order_by(MERGES.c.id.desc()).limit(limit)
    if not everywhere:
        statement = statement.where(_reached())
    if family_id is not None:
        statement = statement.where(
            or_(MERGES.c.kept_family_id == family_id, MERGES.c.merged_family_id == family_id)
        )
    if before is not None:
        statement = statement.where(MERGES.c.id < before)
    sealer = sealer_of(session)
    return [_merge(sealer, row) for row in await session.execute(statement)]


async def mark_undone(
    session: AsyncSession, merge_id: UUID, at: datetime, actor: str, reason: str
) -> None:
    """Keep that a merge was undone, by whom and why."""
    await session.execute(
        update(MERGES)
        .where(MERGES.c.id == merge_id)
        .values(
            undone_at=at,
            undone_by=actor,
            undo_reason_sealed=sealer_of(session).seal(reason, REASON),
        )
    )


def _reached() -> ColumnElement[bool]:
    """A merge shows both families as they were: whoever reads it reaches both."""
    return family_within(MERGES.c.kept_family_id) & family_within(MERGES.c.merged_family_id)


def _merge(sealer: Sealer, row: Row[Any]) -> Merge:
    made = _MERGE.validate_json(sealer.open(row.made_sealed, MADE))
    if row.undone_at is None:
        return made
    return replace(
        made,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        undo_reason=sealer.open(row.undo_reason_sealed, REASON),
    )
