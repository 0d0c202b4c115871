"""Reads of what a desk needs to check people in."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.calendar.tables import EventRow
from services.registration.check_ins.tables import ATTENDANCE
from services.registration.enrolments.domain import Status
from services.registration.enrolments.tables import ENROLMENTS
from services.registration.families.reach import family_within
from services.registration.families.tables import PERSONS


@dataclass(frozen=True, slots=True)
class Event:
    """What a desk shows of its event."""

    id: UUID
    status: str
    title: dict[str, Any]
    venue: dict[str, Any] | None
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Member:
    """A person with a seat, by name, and whether they were there already."""

    person_id: UUID
    name: str
    attended: bool


@dataclass(slots=True)
class Line:
    """An enrolment on the sheet."""

    enrolment_id: UUID
    entry: int
    status: Status
    code: str
    person_ids: list[UUID]
    members: list[Member] = field(default_factory=list)


async def find_event(session: AsyncSession, event_id: UUID) -> Event | None:
    """Read an event whose facts are known."""
    statement = select(
        EventRow.id,
        EventRow.status,
        EventRow.title,
        EventRow.venue,
        EventRow.starts_at,
        EventRow.ends_at,
    ).where(EventRow.id == event_id)
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    return Event(row.id, row.status, row.title or {}, row.venue, row.starts_at, row.ends_at)


async def list_lines(session: AsyncSession, event_id: UUID, after: int, limit: int) -> list[Line]:
    """Read an event's enrolments in the order they came, with their members by name.

    Those of families out of reach are left out.
    """
    rows = await session.execute(
        select(
            ENROLMENTS.c.id,
            ENROLMENTS.c.entry,
            ENROLMENTS.c.status,
            ENROLMENTS.c.ticket,
            ENROLMENTS.c.person_ids,
        )
        .where(
            ENROLMENTS.c.event_id == event_id,
            ENROLMENTS.c.status != "cancelled",
            ENROLMENTS.c.entry > after,
            family_within(ENROLMENTS.c.family_id),
        )
        .order_by(ENROLMENTS.c.entry)
        .limit(limit)
    )
    lines = [Line(row.id, row.entry, row.status, row.ticket, row.person_ids) for row in rows]
    people = await _members(session, event_id, [id_ for line in lines for id_ in line.person_ids])
    for line in lines:
        line.members = [people[id_] for id_ in line.person_ids if id_ in people]
    return lines


async def _members(
    session: AsyncSession, event_id: UUID, person_ids: list[UUID]
) -> dict[UUID, Member]:
    rows = await session.execute(
        select(
            PERSONS.c.id,
            func.concat_ws(" ", PERSONS.c.given_name, PERSONS.c.family_name).label("name"),
            ATTENDANCE.c.at.is_not(None).label("attended"),
        )
        .outerjoin(
            ATTENDANCE,
            (ATTENDANCE.c.person_id == PERSONS.c.id) & (ATTENDANCE.c.event_id == event_id),
        )
        .where(PERSONS.c.id == func.any(person_ids))
    )
    return {row.id: Member(row.id, row.name, row.attended) for row in rows}
