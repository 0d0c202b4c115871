"""What points to persons and families, beside enrolments, which have rules of their own.

A test looks through the whole schema: a column that holds persons or families and is named
neither here nor among those left alone makes it fail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Table, and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.check_in_conflicts.tables import CONFLICTS
from services.registration.check_ins.tables import ATTENDANCE, CHECK_INS

PERSON_LISTS: tuple[tuple[Table, str], ...] = (
    (CHECK_INS, "person_ids"),
    (CHECK_INS, "attended"),
    (CONFLICTS, "person_ids"),
)
"""Columns that name several persons."""

ONE_PERSON: tuple[tuple[Table, str], ...] = ((ATTENDANCE, "person_id"),)
"""Columns that name one person."""

ONE_FAMILY: tuple[tuple[Table, str], ...] = ()
"""Columns that name one family."""

LEFT_ALONE: dict[tuple[str, str], str] = {
    ("persons", "family_id"): "the families themselves are written by the merge",
    ("enrolments", "person_ids"): "enrolments have rules of their own",
    ("enrolments", "family_id"): "enrolments have rules of their own",
    ("person_keys", "person_id"): "written anew whenever a person is written",
    ("person_keys", "family_id"): "written anew whenever a person is written",
    ("person_words", "person_id"): "written anew whenever a person is written",
    ("person_blocks", "person_id"): "written anew whenever a person is written",
    ("comparisons", "family_id"): "a family that is gone is not compared",
    ("duplicate_cases", "family_a"): "says who was compared",
    ("duplicate_cases", "family_b"): "says who was compared",
    ("family_versions", "family_id"): "history stays with the family it is of",
    ("consents", "family_id"): "says what was decided for that registration",
    ("erasures", "family_id"): "says what was erased",
    ("erased_persons", "person_id"): "says who was erased",
    ("import_families", "family_id"): "says what an import wrote",
    ("imported_rows", "family_id"): "says what an import wrote",
    ("merges", "kept_family_id"): "says what was merged",
    ("merges", "merged_family_id"): "says what was merged",
}
"""Columns that go on naming whom they named, each with the reason."""

Undo = dict[str, Any]
"""One change of one row: its table, key and column, before and after; or the row it replaced."""

_TABLES = {table.name: table for table, _ in (*PERSON_LISTS, *ONE_PERSON, *ONE_FAMILY)}


@dataclass(frozen=True, slots=True)
class Replaced:
    """Who stands for whom, and which family for which, as one merge has it."""

    persons: Mapping[UUID, UUID]
    families: Mapping[UUID, UUID]


async def repoint(session: AsyncSession, replaced: Replaced) -> list[Undo]:
    """Let everything that points to the merged point to the kept; gives the way back."""
    undo: list[Undo] = []
    for table, column in PERSON_LISTS:
        undo += await _repoint_lists(session, table, column, replaced.persons)
    for table, column in ONE_PERSON:
        for merged, kept in replaced.persons.items():
            undo += await _repoint_one(session, table, column, merged, kept)
    for table, column in ONE_FAMILY:
        for merged, kept in replaced.families.items():
            undo += await _repoint_one(session, table, column, merged, kept)
    return undo


async def point_back(session: AsyncSession, undo: Sequence[Undo]) -> None:
    """Undo `repoint`, where nobody changed a row since."""
    for step in reversed(undo):
        table = _TABLES[step["table"]]
        if step["column"] is None:
            await _put_row_back(session, table, step)
            continue
        column = table.c[step["column"]]
        await session.execute(
            update(table)
            .where(_has_key(table, _typed(table, step["key"])), column == _ids(step["after"]))
            .values({column: _ids(step["before"])})
        )


async def _repoint_lists(
    session: AsyncSession, table: Table, name: str, persons: Mapping[UUID, UUID]
) -> list[Undo]:
    column = table.c[name]
    statement = select(table).where(column.overlap(list(persons))).with_for_update()
    undo: list[Undo] = []
    for row in (await session.execute(statement)).mappings().all():
        after = list(dict.fromkeys(persons.get(person, person) for person in row[name]))
        undo.append(await _point(session, table, row, name, after))
    return undo


async def _repoint_one(
    session: AsyncSession, table: Table, name: str, merged: UUID, kept: UUID
) -> list[Undo]:
    statement = select(table).where(table.c[name] == merged).with_for_update()
    rows = (await session.execute(statement)).mappings().all()
    if table.c[name].primary_key:
        return [await _replace_row(session, table, row, {name: kept}) for row in rows]
    return [await _point(session, table, row, name, kept) for row in rows]


async def _point(
    session: AsyncSession, table: Table, row: Mapping[Any, Any], name: str, after: Any
) -> Undo:
    key = _key(table, row)
    await session.execute(update(table).where(_has_key(table, key)).values({name: after}))
    return {"table": table.name, "key": key, "column": name, "before": row[name], "after": after}


async def _replace_row(
    session: AsyncSession, table: Table, row: Mapping[Any, Any], values: Mapping[str, Any]
) -> Undo:
    """Replace a row whose key names a person; where the kept one has one already, that stays."""
    await session.execute(delete(table).where(_has_key(table, _key(table, row))))
    new = {**row, **values}
    done = await session.execute(
        insert(table).values(new).on_conflict_do_nothing().returning(*table.primary_key.columns)
    )
    added = done.one_or_none() is not None
    return {
        "table": table.name,
        "column": None,
        "removed": dict(row),
        "added": _key(table, new) if added else None,
    }


async def _put_row_back(session: AsyncSession, table: Table, step: Undo) -> None:
    if step["added"] is not None:
        added = _typed(table, step["added"])
        await session.execute(delete(table).where(_has_key(table, added)))
    values = _typed(table, step["removed"])
    await session.execute(insert(table).values(values).on_conflict_do_nothing())


def _key(table: Table, row: Mapping[Any, Any]) -> dict[str, Any]:
    return {column.name: row[column.name] for column in table.primary_key.columns}


def _has_key(table: Table, key: Mapping[str, Any]) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in key.items()))


def _typed(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give values that went through JSON their types again."""
    return {name: _as(table.c[name], value) for name, value in values.items()}


def _as(column: Column[Any], value: Any) -> Any:
    kind = column.type.python_type
    if isinstance(value, list):
        return _ids(value) if kind is list else value
    if isinstance(value, str) and kind is UUID:
        return UUID(value)
    if isinstance(value, str) and kind is datetime:
        return datetime.fromisoformat(value)
    return value


def _ids(value: Any) -> Any:
    return [UUID(each) for each in value] if isinstance(value, list) else UUID(value)
