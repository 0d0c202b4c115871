"""The use cases of seats."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.seats import overview, queries
from shared.problems import not_found


async def get_seats(
    session: AsyncSession, event_id: UUID
) -> tuple[queries.Seats, list[queries.District]]:
    """Count how full an event is, and how full those districts are that have a cap.

    Raises:
        Problem: 404, no such event.
    """
    seats = await queries.count_seats(session, event_id)
    if seats is None:
        raise not_found("event")
    return seats, await queries.count_districts(session, event_id)


async def list_events(
    session: AsyncSession, place: tuple[datetime, UUID] | None, limit: int, *, past: bool = False
) -> list[overview.EventSeats]:
    """Read the coming events, the next one first, or the past ones, the last one first."""
    read = overview.list_past if past else overview.list_coming
    return await read(session, datetime.now(UTC), place, limit)


async def get_event(session: AsyncSession, event_id: UUID) -> overview.EventSeats:
    """Read one event with its seats.

    Raises:
        Problem: 404, no such event.
    """
    event = await overview.find(session, event_id)
    if event is None:
        raise not_found("event")
    return event
