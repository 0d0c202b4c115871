"""Reads and writes of events."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.calendar.tables import EventRow


async def lock_event(session: AsyncSession, event_id: UUID) -> EventRow:
    """Read an event for update, an empty one where it was not known."""
    await session.execute(
        insert(EventRow)
        .values(id=event_id, status="unknown", status_version=0, facts_version=0)
        .on_conflict_do_nothing()
    )
    statement = select(EventRow).where(EventRow.id == event_id).with_for_update()
    return (await session.scalars(statement)).one()


async def events_by_id(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, EventRow]:
    """Read those events whose facts are known; none of them changes until the transaction ends.

    So an enrolment that is handled while its event moves or is cancelled is seen by that change,
    or sees it.
    """
    statement = (
        select(EventRow)
        .where(EventRow.id.in_(sorted(set(ids))), EventRow.facts_version > 0)
        .order_by(EventRow.id)
        .with_for_update(read=True)
    )
    return {row.id: row for row in await session.scalars(statement)}
