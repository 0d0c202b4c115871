"""Counting the people of an event."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.calendar.tables import EventRow
from services.registration.check_ins.tables import ATTENDANCE
from services.registration.enrolments.tables import ENROLMENTS


@dataclass(frozen=True, slots=True)
class Seats:
    """How full an event is, in people."""

    capacity: int
    confirmed: int
    waitlisted: int
    attended: int


async def count_seats(session: AsyncSession, event_id: UUID) -> Seats | None:
    """Count seats in one statement; None for an event that is not known."""

    def people(status: str) -> ScalarSelect[int]:
        return (
            select(func.coalesce(func.sum(ENROLMENTS.c.seats), 0))
            .where(ENROLMENTS.c.event_id == event_id, ENROLMENTS.c.status == status)
            .scalar_subquery()
        )

    attended = select(func.count()).where(ATTENDANCE.c.event_id == event_id).scalar_subquery()
    statement = select(
        func.coalesce(EventRow.capacity, 0).label("capacity"),
        people("confirmed").label("confirmed"),
        people("waitlisted").label("waitlisted"),
        attended.label("attended"),
    ).where(EventRow.id == event_id)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else Seats(*row)
