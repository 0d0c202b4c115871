"""The use case of seats."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.seats import queries
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
