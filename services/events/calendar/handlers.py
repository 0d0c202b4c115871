"""What everybody may ask of the calendar."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.events.calendar.queries import Wanted, find_published, published_before
from services.events.planning.tables import EventRow
from shared.problems import not_found


async def list_entries(
    session: AsyncSession, wanted: Wanted, place: tuple[datetime, UUID] | None, limit: int
) -> Sequence[EventRow]:
    """Read up to `limit` entries, the latest start first, from behind a place."""
    return await published_before(session, wanted, place, limit)


async def show_entry(session: AsyncSession, event_id: UUID) -> EventRow:
    """Read one entry. Raises Problem 404, also for a draft."""
    event = await find_published(session, event_id)
    if event is None:
        raise not_found("event")
    return event
