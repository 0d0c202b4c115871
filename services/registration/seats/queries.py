"""Counting the people of an event."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.calendar.tables import EventRow
from services.registration.check_ins.tables import ATTENDANCE
from services.registration.enrolments.tables import ENROLMENTS


@dataclass(frozen=True, slots=True)
class Seats:
    """How full an event is, in people; those with an offer are of those who wait."""

    capacity: int
    confirmed: int
    waitlisted: int
    attended: int
    offered: int

    @property
    def over(self) -> int:
        """How many more are taken than there are seats: the capacity was lowered."""
        return max(0, self.confirmed + self.offered - self.capacity)


async def count_seats(session: AsyncSession, event_id: UUID) -> Seats | None:
    """Count seats in one statement; None for an event that is not known."""

    def people(which: ColumnElement[bool]) -> ScalarSelect[int]:
        return (
            select(func.coalesce(func.sum(ENROLMENTS.c.seats), 0))
            .where(ENROLMENTS.c.event_id == event_id, which)
            .scalar_subquery()
        )

    attended = select(func.count()).where(ATTENDANCE.c.event_id == event_id).scalar_subquery()
    statement = select(
        func.coalesce(EventRow.capacity, 0).label("capacity"),
        people(ENROLMENTS.c.status == "confirmed").label("confirmed"),
        people(ENROLMENTS.c.status == "waitlisted").label("waitlisted"),
        attended.label("attended"),
        people(ENROLMENTS.c.offer_expires_at.is_not(None)).label("offered"),
    ).where(EventRow.id == event_id)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else Seats(*row)


@dataclass(frozen=True, slots=True)
class District:
    """How many people of one district of origin have seats, or an offer of some."""

    district: str
    cap: int
    taken: int

    @property
    def over(self) -> int:
        """How many more are taken than its cap allows now: it was lowered, or staff decided so."""
        return max(0, self.taken - self.cap)


async def count_districts(session: AsyncSession, event_id: UUID) -> list[District]:
    """Count the people of each district that has a cap."""
    caps = await session.scalar(select(EventRow.district_caps).where(EventRow.id == event_id))
    if not caps:
        return []
    holds = (ENROLMENTS.c.status == "confirmed") | ENROLMENTS.c.offer_expires_at.is_not(None)
    rows = await session.execute(
        select(ENROLMENTS.c.origin_district, func.sum(ENROLMENTS.c.seats))
        .where(ENROLMENTS.c.event_id == event_id, holds)
        .group_by(ENROLMENTS.c.origin_district)
    )
    taken: dict[str, int] = {row[0]: row[1] for row in rows}
    return [District(each, caps[each], taken.get(each, 0)) for each in sorted(caps)]
