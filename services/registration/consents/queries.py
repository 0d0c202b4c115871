"""Reads and writes of consents."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.consents.domain import WORDING, Decision, Recorded
from services.registration.consents.tables import CONSENTS
from services.registration.families.domain import Purpose
from shared.ids import new_id

_DECISION = tuple(each.name for each in fields(Decision))


async def insert_decisions(
    session: AsyncSession, made: Sequence[tuple[UUID, Decision]], by: str
) -> list[UUID]:
    """Add decisions to the histories of families; gives their ids."""
    rows = [
        {
            "id": new_id(),
            "family_id": family_id,
            **{name: getattr(decision, name) for name in _DECISION},
            "wording": WORDING,
            "recorded_by": by,
        }
        for family_id, decision in made
    ]
    if rows:
        await session.execute(insert(CONSENTS), rows)
    return [row["id"] for row in rows]


async def find(session: AsyncSession, family_id: UUID, consent_id: UUID) -> Recorded | None:
    """Read one decision of a family."""
    statement = _select().where(CONSENTS.c.id == consent_id, CONSENTS.c.family_id == family_id)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _recorded(row)


async def find_latest(session: AsyncSession, family_id: UUID, purpose: Purpose) -> Recorded | None:
    """Read what was decided last on a purpose."""
    statement = (
        _select()
        .where(CONSENTS.c.family_id == family_id, CONSENTS.c.purpose == purpose)
        .order_by(CONSENTS.c.number.desc())
        .limit(1)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _recorded(row)


async def list_decisions(
    session: AsyncSession, family_id: UUID, before: int | None, limit: int
) -> list[Recorded]:
    """Read a family's decisions, the newest first, those before one number."""
    statement = _select().where(CONSENTS.c.family_id == family_id)
    if before is not None:
        statement = statement.where(CONSENTS.c.number < before)
    rows = await session.execute(statement.order_by(CONSENTS.c.number.desc()).limit(limit))
    return [_recorded(row) for row in rows]


async def list_standing(session: AsyncSession, family_id: UUID) -> list[Recorded]:
    """Read what a family decided last on each purpose."""
    statement = _select().where(CONSENTS.c.family_id == family_id, _is_latest())
    return [_recorded(row) for row in await session.execute(statement)]


async def list_ended(session: AsyncSession, today: date, limit: int) -> list[tuple[UUID, Purpose]]:
    """Find families whose consent to a purpose was valid until before today, and still stands."""
    rows = await session.execute(
        select(CONSENTS.c.family_id, CONSENTS.c.purpose)
        .where(
            CONSENTS.c.kind == "given",
            CONSENTS.c.valid_until.is_not(None),
            CONSENTS.c.valid_until < today,
            _is_latest(),
        )
        .order_by(CONSENTS.c.family_id)
        .limit(limit)
    )
    return [(row.family_id, row.purpose) for row in rows]


def _select() -> Select[*tuple[Any, ...]]:
    return select(CONSENTS, _is_latest().label("latest"))


def _is_latest() -> ColumnElement[bool]:
    later = CONSENTS.alias("later")
    return ~(
        select(later.c.number)
        .where(
            later.c.family_id == CONSENTS.c.family_id,
            later.c.purpose == CONSENTS.c.purpose,
            later.c.number > CONSENTS.c.number,
        )
        .correlate(CONSENTS)
        .exists()
    )


def _recorded(row: Row[*tuple[Any, ...]]) -> Recorded:
    named: Any = row
    return Recorded(
        id=named.id,
        number=named.number,
        family_id=named.family_id,
        decision=Decision(**{name: getattr(named, name) for name in _DECISION}),
        wording=named.wording,
        recorded_at=named.recorded_at,
        recorded_by=named.recorded_by,
        latest=named.latest,
    )
