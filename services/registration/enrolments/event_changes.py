"""What becomes of enrolments when their event changes."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.calendar import queries as calendar
from services.registration.calendar.domain import Facts
from services.registration.enrolments import contracts, queries
from services.registration.enrolments.handlers import promote_waiting
from shared.messaging.outbox import tell


async def follow_event(session: AsyncSession, event_id: UUID, version: int, facts: Facts) -> None:
    """Keep what an event is and, where it has more seats now, promote in order whoever fits.

    A version that is not newer changes nothing.
    """
    if not await calendar.keep_facts(session, event_id, version, facts):
        return
    await audit.record(session, "event.followed", "event", event_id, version=version)
    event = await calendar.lock_event(session, event_id)
    if event is not None:
        await promote_waiting(session, event)


async def cancel_event(session: AsyncSession, event_id: UUID, version: int) -> None:
    """Cancel all enrolments of an event that will not be held; known or not, it is remembered.

    A version that is not newer changes nothing.
    """
    if not await calendar.keep_end(session, event_id, version, "cancelled"):
        return
    cancelled = await queries.cancel_all(session, event_id)
    await tell(session, *(contracts.cancelled(enrolment, "event") for enrolment in cancelled))
    # One entry: each enrolment's own end is in what was told of it.
    await audit.record(session, "event.cancelled", "event", event_id, enrolments=len(cancelled))


async def complete_event(session: AsyncSession, event_id: UUID, version: int) -> None:
    """Keep that an event was held. A version that is not newer changes nothing."""
    if await calendar.keep_end(session, event_id, version, "completed"):
        await audit.record(session, "event.completed", "event", event_id)
