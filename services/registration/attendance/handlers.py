"""The use case of attendance."""

import asyncio
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.attendance import queries
from services.registration.attendance.printing import attendance_sheet
from services.registration.audit import handlers as audit
from services.registration.desk.languages import Language
from services.registration.door import handlers as door


async def print_attendance(session: AsyncSession, event_id: UUID, language: Language) -> bytes:
    """Print who has seats and who was there; that it was exported is written down.

    Raises:
        Problem: 404, no such event.
    """
    event = await door.get_event(session, event_id)
    people = await queries.list_people(session, event_id)
    await audit.record(
        session, "attendance.exported", "event", event_id, people=len(people), language=language
    )
    return await asyncio.to_thread(attendance_sheet, event, people, language)
