"""Reads of a person's record."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.check_ins.tables import ATTENDANCE
from services.registration.families.tables import PERSONS
from services.registration.records.domain import MOST, Attendance


async def find_family_of(session: AsyncSession, person_id: UUID) -> UUID | None:
    """Tell to which family a person belongs."""
    return await session.scalar(select(PERSONS.c.family_id).where(PERSONS.c.id == person_id))


async def list_attendance(
    session: AsyncSession, person_id: UUID, events: Collection[UUID]
) -> list[Attendance]:
    """Read at which of these events a person was."""
    rows = await session.execute(
        select(ATTENDANCE.c.event_id, ATTENDANCE.c.enrolment_id, ATTENDANCE.c.at)
        .where(ATTENDANCE.c.event_id.in_(events), ATTENDANCE.c.person_id == person_id)
        .order_by(ATTENDANCE.c.at.desc())
        .limit(MOST)
    )
    return [Attendance(*row) for row in rows]
