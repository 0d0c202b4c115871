"""Reads and writes of events."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.events.planning.domain import Kind, Status
from services.events.planning.tables import EventRow


async def find_event(session: AsyncSession, event_id: UUID) -> EventRow | None:
    """Read one event."""
    return await session.get(EventRow, event_id)


async def lock_event(session: AsyncSession, event_id: UUID) -> EventRow | None:
    """Read one event for update: until the commit nobody else changes it."""
    statement = select(EventRow).where(EventRow.id == event_id).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def events_before(
    session: AsyncSession,
    *,
    before: UUID | None,
    status: Status | None,
    kind: Kind | None,
    limit: int,
) -> Sequence[EventRow]:
    """Read up to `limit` events, the newest made first, from behind the id `before`."""
    statement = select(EventRow).order_by(EventRow.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(EventRow.id < before)
    if status is not None:
        statement = statement.where(EventRow.status == status)
    if kind is not None:
        statement = statement.where(EventRow.kind == kind)
    return (await session.scalars(statement)).all()
