"""What becomes of enrolments when their event changes."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.calendar import queries as calendar
from services.registration.calendar.domain import Facts
from services.registration.enrolments import contracts, queries
from services.registration.waiting_list import walking
from services.registration.waiting_list.domain import cause_of_change
from shared.messaging.outbox import tell


async def follow_event(session: AsyncSession, event_id: UUID, version: int, facts: Facts) -> None:
    """Keep what an event is, and walk its waiting list by what it is now.

    More seats go to those who wait. Fewer seats, or a lower cap of a district, unseat nobody.
    Offers never outlive enrolment: where it closes sooner, they end sooner, which is told.
    A version that is not newer changes nothing.
    """
    before = await calendar.lock_event(session, event_id)
    if not await calendar.keep_facts(session, event_id, version, facts):
        return
    await audit.record(session, "event.followed", "event", event_id, version=version)
    event = await calendar.lock_event(session, event_id)
    if event is None:
        return
    await walking.shorten_offers(session, event, datetime.now(UTC))
    cause, new_round = cause_of_change(before, event)
    await walking.walk_waiting(session, event, cause, new_round=new_round)


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
    """Keep that an event was held; who still waits is told why in its record.

    A version that is not newer changes nothing.
    """
    if await calendar.keep_end(session, event_id, version, "completed"):
        await walking.close_list(session, event_id)
        await audit.record(session, "event.completed", "event", event_id)
