"""The use cases of exports."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.exports import queries
from services.registration.exports.domain import (
    COLUMNS,
    OF_AN_EVENT,
    ROLES,
    Format,
    List,
    columns_for,
)
from services.registration.exports.queries import Wanted
from shared.actors import current_actor
from shared.ids import new_id
from shared.problems import Problem, invalid

BAKU = ZoneInfo("Asia/Baku")


async def begin(
    session: AsyncSession, wanted: List, event_id: UUID | None, format_: Format, reason: str
) -> tuple[UUID, Wanted]:
    """Write down who takes a list out, which columns and why, before a single row leaves.

    Raises:
        Problem: 403, their roles do not include this list; 422, it is the list of an event.
    """
    actor = current_actor()
    if actor.roles.isdisjoint(ROLES[wanted]):
        needed = ", ".join(sorted(ROLES[wanted]))
        raise Problem(403, "forbidden", f"This needs one of the roles: {needed}.")
    if (wanted in OF_AN_EVENT) != (event_id is not None):
        message = "must be there" if wanted in OF_AN_EVENT else "does not go with this list"
        raise invalid("event_id", message)
    columns = columns_for(wanted, actor.roles)
    export_id = new_id()
    await audit.record(
        session,
        "export.begun",
        "export",
        export_id,
        reason=reason,
        list=wanted,
        format=format_,
        columns=list(columns),
        withheld=[name for name in COLUMNS[wanted] if name not in columns],
        event_id=str(event_id) if event_id else None,
    )
    return export_id, Wanted(wanted, columns, event_id, actor.district)


async def rows(session: AsyncSession, wanted: Wanted) -> AsyncIterator[list[list[str]]]:
    """Give the header, then the rows of a list, some at a time, as texts."""
    yield [list(wanted.columns)]
    async for some in queries.stream(session, wanted):
        yield [[text_of(cell) for cell in row] for row in some]


async def end(
    session: AsyncSession, export_id: UUID, wanted: Wanted, count: int, whole: bool
) -> None:
    """Write down how many rows left, also when the caller went away in the middle."""
    action = "export.finished" if whole else "export.broken_off"
    await audit.record(session, action, "export", export_id, list=wanted.list, rows=count)


def text_of(cell: Any) -> str:
    """Write a value as people read it: times in Baku, lists with commas."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.astimezone(BAKU).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, dict):
        return json.dumps(cell, ensure_ascii=False, sort_keys=True)
    if isinstance(cell, Sequence) and not isinstance(cell, str):
        return ", ".join(text_of(each) for each in cell)
    return str(cell)
