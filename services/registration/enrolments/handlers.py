"""The use cases of enrolments."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.calendar import queries as calendar
from services.registration.calendar.domain import Event, Refusal
from services.registration.enrolments import contracts, metrics, queries, rosters
from services.registration.enrolments.domain import (
    CancelledBy,
    Enrolment,
    NotOfFamilyError,
    Status,
    choose_persons,
    new_ticket,
)
from services.registration.families.reach import reaches
from services.registration.waiting_list import walking
from services.registration.waiting_list.domain import Waiting
from shared.ids import new_id
from shared.messaging.outbox import tell
from shared.problems import Problem, conflict, invalid, not_found

REFUSALS: dict[Refusal, str] = {
    "event-cancelled": "This event was cancelled.",
    "event-completed": "This event is over.",
    "enrolment-closed": "Enrolment for this event is closed.",
}

_OF_FAMILY = 50


async def enrol_family(
    session: AsyncSession,
    event_id: UUID,
    family_id: UUID,
    asked: Sequence[UUID] | None,
    *,
    at_the_door: bool = False,
) -> Enrolment:
    """Seat a family whole, or let it wait whole when it does not fit.

    `asked` are the persons who come, None for all members. Who stands at the door is seated also
    when enrolment is closed, and does not wait.

    Raises:
        Problem: 404, no such event or family; 409, the event takes nobody any more, the family is
            enrolled already or went into another one, or there are no seats at the door; 422, a
            person is not of the family.
    """
    try:
        enrolment = await _enrol(session, event_id, family_id, asked, at_the_door=at_the_door)
    except Problem as problem:
        metrics.count_refused(problem)
        raise
    metrics.count(session, enrolment.status)
    return enrolment


async def _enrol(
    session: AsyncSession,
    event_id: UUID,
    family_id: UUID,
    asked: Sequence[UUID] | None,
    *,
    at_the_door: bool,
) -> Enrolment:
    await queries.hold_family(session, family_id)
    event = await calendar.lock_event(session, event_id)
    if event is None:
        raise not_found("event")
    refusal = event.refuses_enrolment(datetime.now(UTC))
    if refusal is not None and not (at_the_door and refusal == "enrolment-closed"):
        raise conflict(refusal, REFUSALS[refusal])
    situation = await queries.read_situation(session, event_id, family_id)
    if situation is not None and situation.successor_id is not None:
        raise conflict(
            "family-closed",
            "This family went into another one.",
            successor_id=str(situation.successor_id),
        )
    if situation is None or not situation.members:
        raise not_found("family")
    if situation.enrolment_id is not None:
        raise _already_enrolled(situation.enrolment_id)
    enrolment = await _insert(session, event, family_id, situation, asked)
    if at_the_door and enrolment.status != "confirmed":
        seats_left = max(event.capacity - situation.taken, 0)
        detail = "There are not enough seats left for this family."
        raise conflict("no-seats-left", detail, seats_left=seats_left)
    await tell(session, contracts.enrolled(enrolment))
    await audit.record(
        session,
        "enrolment.made",
        "enrolment",
        enrolment.id,
        status=enrolment.status,
        seats=enrolment.seats,
        event_id=event_id,
        family_id=family_id,
    )
    return enrolment


async def get_enrolment(session: AsyncSession, enrolment_id: UUID) -> Enrolment:
    """Read one enrolment with its ticket; that it was seen is written down.

    Raises:
        Problem: 404, there is none.
    """
    enrolment = await find_enrolment(session, enrolment_id)
    await audit.record(session, "enrolment.read", "enrolment", enrolment_id)
    return enrolment


async def list_enrolments(
    session: AsyncSession, event_id: UUID, status: Status | None, after: int, limit: int
) -> list[Enrolment]:
    """Read the enrolments of an event in the order they came.

    Raises:
        Problem: 404, no such event.
    """
    if await calendar.find_event(session, event_id) is None:
        raise not_found("event")
    return await queries.list_enrolments(session, event_id, status, after, limit)


async def list_roster(
    session: AsyncSession, event_id: UUID, status: Status | None, after: int, limit: int
) -> list[rosters.Enrolled]:
    """Read who is enrolled at an event, with names, in the order they came."""
    return await rosters.list_roster(session, event_id, status, after, limit)


async def list_of_family(session: AsyncSession, family_id: UUID) -> list[rosters.OfFamily]:
    """Read the newest enrolments of a family, each with what its event is."""
    return await rosters.list_of_family(session, family_id, _OF_FAMILY)


async def name_persons(session: AsyncSession, enrolment: Enrolment) -> list[rosters.Named]:
    """Name who comes by an enrolment."""
    return (await rosters.with_names(session, [enrolment]))[0].persons


async def cancel_enrolment(session: AsyncSession, enrolment_id: UUID, by: CancelledBy) -> Enrolment:
    """Give up seats, or a place in the waiting list, and promote in order whoever fits now.

    Raises:
        Problem: 404, there is none; 409, it is cancelled already or the event is over.
    """
    before, event = await lock_enrolment(session, enrolment_id)
    if event.status == "completed":
        raise conflict("event-completed", REFUSALS["event-completed"])
    enrolment = await queries.cancel(session, enrolment_id, by)
    if enrolment is None:
        raise conflict("already-cancelled", "This enrolment is cancelled already.")
    metrics.count(session, "cancelled")
    await tell(session, contracts.cancelled(enrolment, by))
    await audit.record(
        session, "enrolment.cancelled", "enrolment", enrolment.id, by=by, seats=enrolment.seats
    )
    await walking.walk_waiting(
        session, event, "enrolment_cancelled", new_round=before.status == "confirmed"
    )
    return enrolment


async def lock_enrolment(session: AsyncSession, enrolment_id: UUID) -> tuple[Enrolment, Event]:
    """Hold the event of an enrolment, and find both as they are then.

    Raises:
        Problem: 404, there is none.
    """
    known = await find_enrolment(session, enrolment_id)
    event = await calendar.lock_event(session, known.event_id)
    if event is None:
        raise not_found("event")
    return await find_enrolment(session, enrolment_id), event


async def find_enrolment(session: AsyncSession, enrolment_id: UUID) -> Enrolment:
    """Find one enrolment for what is done with it, which is no reading of it.

    Raises:
        Problem: 404, there is none.
    """
    enrolment = await queries.find_enrolment(session, enrolment_id)
    if enrolment is None or not await reaches(session, enrolment.family_id):
        raise not_found("enrolment")
    return enrolment


async def _insert(
    session: AsyncSession,
    event: Event,
    family_id: UUID,
    situation: queries.Situation,
    asked: Sequence[UUID] | None,
) -> Enrolment:
    try:
        person_ids = choose_persons(situation.members, asked)
    except NotOfFamilyError as wrong:
        raise invalid(f"person_ids.{wrong.index}", "is not a member of this family") from None
    applicant = Waiting(None, len(person_ids), situation.origin_district)
    outcome = await walking.consider(session, event, situation.taken, applicant)
    status: Status = "waitlisted" if outcome.refusal else "confirmed"
    new = queries.NewEnrolment(
        id=new_id(),
        event_id=event.id,
        family_id=family_id,
        person_ids=person_ids,
        origin_district=situation.origin_district,
        status=status,
        ticket=new_ticket(),
    )
    written = await queries.insert_enrolment(session, new)
    if written is None:
        raise _already_enrolled(await queries.find_active(session, event.id, family_id))
    entry, created_at = written
    if outcome.refusal:
        await walking.write_down(session, "enrolled", [replace(outcome, enrolment_id=new.id)])
    return Enrolment(
        id=new.id,
        event_id=new.event_id,
        family_id=new.family_id,
        person_ids=person_ids,
        origin_district=new.origin_district,
        status=status,
        ticket=new.ticket,
        version=1,
        entry=entry,
        created_at=created_at,
        waiting_position=situation.waiting + 1 if status == "waitlisted" else None,
    )


def _already_enrolled(enrolment_id: UUID | None) -> Problem:
    return conflict(
        "already-enrolled",
        "This family is enrolled in this event already.",
        enrolment_id=None if enrolment_id is None else str(enrolment_id),
    )
