"""Reads and writes of conflicts."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.check_in_conflicts.domain import Conflict, Settlement
from services.registration.check_in_conflicts.tables import CONFLICTS
from services.registration.enrolments.tables import ENROLMENTS
from services.registration.families.reach import family_within
from shared.actors import current_actor

_COLUMNS = "id, desk, nonce, event_id, enrolment_id, ticket, person_ids, at, reason, reported_by"
_INSERT = text(
    f"""
    INSERT INTO check_in_conflicts ({_COLUMNS})
    SELECT {_COLUMNS} FROM json_populate_recordset(NULL::check_in_conflicts, CAST(:rows AS json))
    """  # noqa: S608  the columns are ours
)


async def insert_conflicts(session: AsyncSession, conflicts: Sequence[Conflict]) -> None:
    """Keep what could not be recorded, under the desk's lock."""
    if not conflicts:
        return
    rows = [{name: _json(getattr(each, name)) for name in _NAMES} for each in conflicts]
    await session.execute(_INSERT, {"rows": json.dumps(rows)})


async def find_conflicts(
    session: AsyncSession, desk: str, nonces: Sequence[str]
) -> dict[str, Conflict]:
    """Read the conflicts of a desk's check-ins, by their nonces."""
    rows = await session.execute(
        select(CONFLICTS).where(CONFLICTS.c.desk == desk, CONFLICTS.c.nonce.in_(nonces))
    )
    return {row.nonce: _conflict(row) for row in rows}


async def list_conflicts(
    session: AsyncSession, event_id: UUID | None, open_only: bool, after: int, limit: int
) -> list[Conflict]:
    """Read conflicts in the order they came, of one event or of all."""
    statement = (
        select(CONFLICTS)
        .where(CONFLICTS.c.entry > after, _reached())
        .order_by(CONFLICTS.c.entry)
        .limit(limit)
    )
    if event_id is not None:
        statement = statement.where(CONFLICTS.c.event_id == event_id)
    if open_only:
        statement = statement.where(CONFLICTS.c.decision.is_(None))
    return [_conflict(row) for row in await session.execute(statement)]


async def lock_conflict(session: AsyncSession, conflict_id: UUID) -> Conflict | None:
    """Read a conflict and hold it until the transaction ends."""
    statement = select(CONFLICTS).where(CONFLICTS.c.id == conflict_id, _reached()).with_for_update()
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _conflict(row)


async def settle(session: AsyncSession, conflict_id: UUID, settlement: Settlement) -> None:
    """Write down what a person decided."""
    await session.execute(
        update(CONFLICTS)
        .where(CONFLICTS.c.id == conflict_id)
        .values(
            decision=settlement.decision,
            decision_reason=settlement.reason,
            settled_by=settlement.settled_by,
            settled_at=settlement.settled_at,
        )
    )


def _reached() -> ColumnElement[bool]:
    """Of families within reach, or of one's own desk."""
    actor = current_actor()
    if actor.district is None:
        return true()
    enrolments = select(ENROLMENTS.c.id).where(family_within(ENROLMENTS.c.family_id))
    return CONFLICTS.c.enrolment_id.in_(enrolments) | (CONFLICTS.c.reported_by == actor.subject)


_NAMES = tuple(_COLUMNS.split(", "))


def _json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(each) for each in value]
    return None if value is None else str(value)


def _conflict(row: Row[Any]) -> Conflict:
    settlement = None
    if row.decision is not None:
        settlement = Settlement(row.decision, row.decision_reason, row.settled_by, row.settled_at)
    known = {name: row._mapping[name] for name in (*_NAMES, "entry")}
    return Conflict(**{**known, "person_ids": tuple(row.person_ids)}, settlement=settlement)
