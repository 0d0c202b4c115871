"""Reads and writes of imports and of the files they came in."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.imports.domain import Counts, Fault, Import, Plan, RowFault
from services.registration.imports.tables import (
    FAULT,
    FAULTS,
    HEADERS,
    IMPORTS,
    MAPPINGS,
    PIECE,
    PIECES,
    PLAN,
    ROW,
    ROWS,
    STAGED,
)
from shared.sealing import Sealer, sealer_of

_COUNTS = tuple(each.name for each in fields(Counts))


async def insert_import(
    session: AsyncSession, id_: UUID, name: str, actor: Mapping[str, Any]
) -> None:
    """Write an import whose file is on its way."""
    await session.execute(
        insert(IMPORTS).values(
            id=id_, name=name, state="uploading", created_by=actor["subject"], actor=dict(actor)
        )
    )


async def insert_piece(session: AsyncSession, id_: UUID, number: int, piece: bytes) -> None:
    """Keep a piece of the file, and that it is still coming."""
    sealed = sealer_of(session).seal_bytes(piece, PIECE)
    await session.execute(
        insert(PIECES).values(import_id=id_, number=number, content_sealed=sealed)
    )
    await change(session, id_, {})


async def finish_upload(
    session: AsyncSession, id_: UUID, size: int, content_hash: bytes
) -> UUID | None:
    """Let a whole file wait for its dry run; or give the living import that has the same content.

    The unique index settles two uploads that end at the same time.
    """
    try:
        async with session.begin_nested():
            values = {"size": size, "content_hash": content_hash, "state": "waiting"}
            await change(session, id_, values)
    except IntegrityError:
        return await session.scalar(
            select(IMPORTS.c.id).where(
                IMPORTS.c.content_hash == content_hash,
                IMPORTS.c.state.not_in(["uploading", "cancelled", "refused"]),
            )
        )
    return None


async def delete_import(session: AsyncSession, id_: UUID) -> None:
    """Forget an import that never began."""
    await session.execute(delete(IMPORTS).where(IMPORTS.c.id == id_))


async def read_pieces(session: AsyncSession, id_: UUID) -> AsyncIterator[bytes]:
    """Give the file, piece by piece."""
    sealer, number = sealer_of(session), 0
    while True:
        statement = select(PIECES.c.content_sealed).where(
            PIECES.c.import_id == id_, PIECES.c.number == number
        )
        sealed = await session.scalar(statement)
        if sealed is None:
            return
        yield sealer.open_bytes(sealed, PIECE)
        number += 1


async def find_import(session: AsyncSession, id_: UUID, *, lock: bool = False) -> Import | None:
    """Read one import that has arrived, and hold it until the transaction ends if asked."""
    statement = select(IMPORTS).where(IMPORTS.c.id == id_, IMPORTS.c.state != "uploading")
    if lock:
        statement = statement.with_for_update()
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else import_of(sealer_of(session), row)


async def list_imports(
    session: AsyncSession, before: UUID | None, limit: int, created_by: str | None
) -> list[Import]:
    """Read imports, the newest first, of one person if asked."""
    statement = select(IMPORTS).where(IMPORTS.c.state != "uploading")
    if before:
        statement = statement.where(IMPORTS.c.id < before)
    if created_by:
        statement = statement.where(IMPORTS.c.created_by == created_by)
    statement = statement.order_by(IMPORTS.c.id.desc()).limit(limit)
    sealer = sealer_of(session)
    return [import_of(sealer, row) for row in await session.execute(statement)]


async def change(session: AsyncSession, id_: UUID, values: Mapping[str, Any]) -> None:
    """Write what changed of an import; counts that move are no new version of it."""
    new = {"state", "plan_sealed"} & values.keys()
    version = IMPORTS.c.version + 1 if new else IMPORTS.c.version
    await session.execute(
        update(IMPORTS)
        .where(IMPORTS.c.id == id_)
        .values(version=version, updated_at=func.now(), **values)
    )


def plan_values(sealer: Sealer, plan: Plan) -> dict[str, Any]:
    """The columns of a plan."""
    return {"plan_sealed": sealer.seal(json.dumps(asdict(plan), ensure_ascii=False), PLAN)}


async def remember(session: AsyncSession, plan: Plan) -> None:
    """Remember the mapping of a set of headers."""
    sealer = sealer_of(session)
    values = plan_values(sealer, plan)
    statement = insert(MAPPINGS).values(headers=_headers(sealer, plan.headers), **values)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["headers"], set_={**values, "updated_at": func.now()}
        )
    )


async def recall(session: AsyncSession, headers: Sequence[str]) -> Plan | None:
    """Recall the mapping that was used last for these headers, in whatever order they stand."""
    sealer = sealer_of(session)
    statement = select(MAPPINGS.c.plan_sealed).where(
        MAPPINGS.c.headers == _headers(sealer, headers)
    )
    sealed = await session.scalar(statement)
    return _plan(sealer, sealed) if sealed else None


async def list_faults(
    session: AsyncSession, id_: UUID, after: tuple[int, int], limit: int
) -> list[RowFault]:
    """Read what is wrong, by row, from behind a place."""
    statement = (
        select(FAULTS)
        .where(
            FAULTS.c.import_id == id_,
            (FAULTS.c.number > after[0])
            | ((FAULTS.c.number == after[0]) & (FAULTS.c.place > after[1])),
        )
        .order_by(FAULTS.c.number, FAULTS.c.place)
        .limit(limit)
    )
    sealer = sealer_of(session)
    return [_row_fault(sealer, row) for row in await session.execute(statement)]


async def next_bad_rows(
    session: AsyncSession, id_: UUID, after: int, limit: int
) -> list[tuple[int, list[str]]]:
    """Read the rows of families that were not written because something is wrong with them."""
    statement = (
        select(ROWS.c.number, ROWS.c.content_sealed)
        .join(
            STAGED,
            (STAGED.c.import_id == ROWS.c.import_id) & (STAGED.c.number == ROWS.c.family),
        )
        .where(
            ROWS.c.import_id == id_,
            ROWS.c.number > after,
            STAGED.c.state.in_(["bad", "turned_away"]),
        )
        .order_by(ROWS.c.number)
        .limit(limit)
    )
    sealer = sealer_of(session)
    return [
        (row.number, json.loads(sealer.open(row.content_sealed, ROW))["cells"])
        for row in await session.execute(statement)
    ]


async def faults_of(
    session: AsyncSession, id_: UUID, numbers: Sequence[int]
) -> dict[int, list[RowFault]]:
    """Read what is wrong with these rows."""
    statement = (
        select(FAULTS)
        .where(FAULTS.c.import_id == id_, FAULTS.c.number.in_(list(numbers)))
        .order_by(FAULTS.c.number, FAULTS.c.place)
    )
    sealer = sealer_of(session)
    found: dict[int, list[RowFault]] = {}
    for row in await session.execute(statement):
        found.setdefault(row.number, []).append(_row_fault(sealer, row))
    return found


def import_of(sealer: Sealer, row: Row[Any]) -> Import:
    """Make the entity of a row."""
    return Import(
        id=row.id,
        version=row.version,
        created_at=row.created_at,
        created_by=row.created_by,
        actor=row.actor,
        name=row.name,
        size=row.size,
        state=row.state,
        format=row.format,
        encoding=row.encoding,
        separator=row.separator,
        plan=_plan(sealer, row.plan_sealed) if row.plan_sealed else Plan(),
        missing=row.missing,
        fault=Fault(row.fault["message"], row.fault["about"]) if row.fault else None,
        counts=Counts(**{name: getattr(row, name) for name in _COUNTS}),
        failure=row.failure,
    )


def _row_fault(sealer: Sealer, row: Row[Any]) -> RowFault:
    return RowFault(row.number, row.place, row.field, Fault(row.message, _about(sealer, row)))


def _plan(sealer: Sealer, sealed: bytes) -> Plan:
    return Plan(**json.loads(sealer.open(sealed, PLAN)))


def _about(sealer: Sealer, row: Row[Any]) -> Mapping[str, Any]:
    return json.loads(sealer.open(row.about_sealed, FAULT)) if row.about_sealed else {}


def _headers(sealer: Sealer, headers: Sequence[str]) -> bytes:
    return sealer.index("\n".join(sorted(headers)), HEADERS)
