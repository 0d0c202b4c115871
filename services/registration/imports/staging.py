"""Staging: what the dry run leaves behind, row by row and family by family, under a lease."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.families.tables import PERSONS
from services.registration.imports.domain import Fault
from services.registration.imports.tables import (
    FAMILY,
    FAULT,
    FAULTS,
    FINGERPRINT,
    IMPORTED,
    ROW,
    ROWS,
    STAGED,
)
from shared.sealing import Sealer, sealer_of

LAST_PLACE = 1000
"""Faults that are found after the row itself was read stand behind this place."""


@dataclass(frozen=True, slots=True)
class FaultOf:
    """A fault of one row, before it is written."""

    row: int
    place: int
    field: str
    fault: Fault


async def clear(session: AsyncSession, id_: UUID) -> None:
    """Forget what an earlier dry run staged."""
    for table in (FAULTS, ROWS, STAGED):
        await session.execute(delete(table).where(table.c.import_id == id_))


async def insert_rows(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Stage rows."""
    if rows:
        await session.execute(insert(ROWS), list(rows))


async def insert_families(session: AsyncSession, families: Sequence[Mapping[str, Any]]) -> None:
    """Stage families."""
    if families:
        await session.execute(insert(STAGED), list(families))


async def insert_faults(session: AsyncSession, id_: UUID, faults: Sequence[FaultOf]) -> None:
    """Keep what is wrong with rows."""
    if not faults:
        return
    sealer = sealer_of(session)
    await session.execute(
        insert(FAULTS),
        [
            {
                "import_id": id_,
                "number": each.row,
                "place": each.place,
                "field": each.field,
                "message": each.fault.message,
                "about_sealed": sealer.seal(json.dumps(dict(each.fault.about)), FAULT)
                if each.fault.about
                else None,
            }
            for each in faults
        ],
    )


async def fingerprints_known(
    session: AsyncSession, fingerprints: Sequence[bytes]
) -> dict[bytes, UUID]:
    """Find which rows are on the register already, and with which family."""
    statement = select(IMPORTED.c.fingerprint, IMPORTED.c.family_id).where(
        IMPORTED.c.fingerprint == func.any(list(fingerprints))
    )
    return {row.fingerprint: row.family_id for row in await session.execute(statement)}


async def registered_fins(
    session: AsyncSession, id_: UUID, after: int, limit: int
) -> Sequence[Any]:
    """Find the rows of good families whose FIN is somebody's on the register."""
    statement = (
        select(ROWS.c.number, ROWS.c.family, PERSONS.c.family_id)
        .join(PERSONS, PERSONS.c.fin_index == ROWS.c.fin_index)
        .join(
            STAGED, and_(STAGED.c.import_id == ROWS.c.import_id, STAGED.c.number == ROWS.c.family)
        )
        .where(ROWS.c.import_id == id_, ROWS.c.number > after, STAGED.c.state.in_(["good", "bad"]))
        .order_by(ROWS.c.number)
        .limit(limit)
    )
    return (await session.execute(statement)).all()


async def mark(session: AsyncSession, id_: UUID, numbers: Sequence[int], state: str) -> None:
    """Say what becomes of staged families."""
    await session.execute(
        update(STAGED)
        .where(STAGED.c.import_id == id_, STAGED.c.number.in_(list(numbers)))
        .values(state=state)
    )


async def count(session: AsyncSession, id_: UUID) -> dict[str, int]:
    """Count what was staged."""
    states = {
        row.state: row.many
        for row in await session.execute(
            select(STAGED.c.state, func.count().label("many"))
            .where(STAGED.c.import_id == id_)
            .group_by(STAGED.c.state)
        )
    }
    bad = select(func.count(FAULTS.c.number.distinct())).where(FAULTS.c.import_id == id_)
    rows = select(func.count()).select_from(ROWS).where(ROWS.c.import_id == id_)
    return {
        "rows": await session.scalar(rows) or 0,
        "bad_rows": await session.scalar(bad) or 0,
        "families": sum(states.values()),
        "bad_families": states.get("bad", 0),
        "already": states.get("already", 0),
    }


def seal_row(sealer: Sealer, cells: Sequence[str], person: Mapping[str, Any] | None) -> bytes:
    """Seal what a row says."""
    return sealer.seal(json.dumps({"cells": cells, "person": person}, ensure_ascii=False), ROW)


def open_row(sealer: Sealer, sealed: bytes) -> dict[str, Any]:
    """Open what a row says: its cells and its person."""
    opened: dict[str, Any] = json.loads(sealer.open(sealed, ROW))
    return opened


def seal_family(sealer: Sealer, values: Mapping[str, str]) -> bytes:
    """Seal what the rows of a family say of all of it."""
    return sealer.seal(json.dumps(dict(values), ensure_ascii=False), FAMILY)


def open_family(sealer: Sealer, sealed: bytes) -> dict[str, str]:
    """Open what the rows of a family say of all of it."""
    opened: dict[str, str] = json.loads(sealer.open(sealed, FAMILY))
    return opened


def fingerprint(sealer: Sealer, digest: str) -> bytes:
    """Index what a row says, so that it is known again and tells nothing."""
    return sealer.index(digest, FINGERPRINT)
