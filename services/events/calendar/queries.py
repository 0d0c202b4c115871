"""Reads of what was published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.events.planning.domain import Kind
from services.events.planning.tables import EventRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: by venue, audience, kind and start (from, inclusive, to `before`)."""

    district: str | None = None
    origin: str | None = None
    kind: Kind | None = None
    starts_from: datetime | None = None
    starts_before: datetime | None = None


async def find_published(session: AsyncSession, event_id: UUID) -> EventRow | None:
    """Read one event unless it is a draft."""
    statement = select(EventRow).where(EventRow.id == event_id, EventRow.status != "draft")
    return (await session.scalars(statement)).one_or_none()


async def published_before(
    session: AsyncSession, wanted: Wanted, place: tuple[datetime, UUID] | None, limit: int
) -> Sequence[EventRow]:
    """Read up to `limit` entries, the latest start first, from behind a place."""
    statement = (
        select(EventRow)
        .where(EventRow.status != "draft")
        .order_by(EventRow.starts_at.desc(), EventRow.id.desc())
        .limit(limit)
    )
    if place is not None:
        statement = statement.where(tuple_(EventRow.starts_at, EventRow.id) < place)
    if wanted.district is not None:
        statement = statement.where(EventRow.venue_district == wanted.district)
    if wanted.origin is not None:
        any_origin = EventRow.origins == []
        statement = statement.where(or_(EventRow.origins.contains([wanted.origin]), any_origin))
    if wanted.kind is not None:
        statement = statement.where(EventRow.kind == wanted.kind)
    if wanted.starts_from is not None:
        statement = statement.where(EventRow.starts_at >= wanted.starts_from)
    if wanted.starts_before is not None:
        statement = statement.where(EventRow.starts_at < wanted.starts_before)
    return (await session.scalars(statement)).all()
