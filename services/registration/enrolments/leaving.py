"""What becomes of enrolments when a person leaves the register for ever."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.calendar import queries as calendar
from services.registration.enrolments import contracts, people, queries
from services.registration.waiting_list import walking
from shared.messaging.outbox import tell


async def give_up_seats(session: AsyncSession, *person_ids: UUID) -> None:
    """Free persons' seats, and places in waiting lists, at every event that is still to come.

    The rest of the family stays as it is; who was alone there is cancelled. Whoever waits and
    fits now is promoted.
    """
    held = [each for id_ in person_ids for each in await people.list_active_of(session, id_)]
    # All of them first, in one order for everybody, so that two calls never wait for each other.
    for event_id in sorted({each.event_id for each in held}):
        await calendar.lock_event(session, event_id)
    for person_id in person_ids:
        await _give_up(session, person_id)


async def _give_up(session: AsyncSession, person_id: UUID) -> None:
    for enrolled in await people.list_active_of(session, person_id):
        event = await calendar.lock_event(session, enrolled.event_id)
        if event is None or not event.promotes(datetime.now(UTC)):
            continue
        if enrolled.person_ids == (person_id,):
            cancelled = await queries.cancel(session, enrolled.id, "staff")
            if cancelled is not None:
                await tell(session, contracts.cancelled(cancelled, "staff"))
        else:
            shrunk = await people.remove_person(session, enrolled.id, person_id)
            await tell(session, contracts.changed(shrunk))
        await audit.record(
            session, "enrolment.person_left", "enrolment", enrolled.id, person_id=person_id
        )
        seated = enrolled.status == "confirmed"
        await walking.walk_waiting(session, event, "person_left", new_round=seated)
