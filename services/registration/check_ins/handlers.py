"""The use case of check-ins."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.check_ins import queries
from services.registration.check_ins.domain import (
    CheckIn,
    NotEnrolledError,
    check_enrolled,
)
from services.registration.enrolments import queries as enrolments
from services.registration.enrolments.domain import Enrolment, read_ticket
from shared.contracts.registration import AttendanceRecorded
from shared.messaging.outbox import Outgoing, tell
from shared.problems import Problem, conflict, invalid, not_found


async def check_in(
    session: AsyncSession, ticket: str, person_ids: Sequence[UUID], nonce: str, at: datetime
) -> tuple[CheckIn, bool]:
    """Record that persons were there; gives the check-in, and whether it is a new one.

    A nonce that is known gives its first check-in again and changes nothing, also when both calls
    run at once. A person is recorded once, by the first check-in.
    `at` is the desk's own clock, kept as told: a tablet that goes wrong must not turn anyone away.

    Raises:
        Problem: 404, no such ticket; 409, its enrolment has no seats (any more), or the nonce came
            with another ticket; 422, a person has no seat by it.
    """
    # The lock lets calls with one ticket through one by one, so what a nonce finds is settled.
    enrolment = await enrolments.lock_by_ticket(session, read_ticket(ticket))
    if enrolment is None:
        raise not_found("ticket")
    known = await queries.find_check_in(session, nonce)
    if known is not None and known.enrolment_id == enrolment.id:
        return known, False
    if known is not None:
        raise _nonce_used()
    _check_seated(enrolment, person_ids)
    return await _record(session, enrolment, person_ids, nonce, at), True


async def _record(
    session: AsyncSession,
    enrolment: Enrolment,
    person_ids: Sequence[UUID],
    nonce: str,
    at: datetime,
) -> CheckIn:
    new = await queries.record_attendance(session, enrolment, person_ids, at)
    attended = await queries.list_attended(session, enrolment)
    made = CheckIn(
        nonce=nonce,
        enrolment_id=enrolment.id,
        event_id=enrolment.event_id,
        family_id=enrolment.family_id,
        person_ids=tuple(person_ids),
        at=at,
        attended=tuple(id_ for id_ in enrolment.person_ids if id_ in attended),
    )
    if not await queries.insert_check_in(session, made):
        raise _nonce_used()
    if new:
        await _tell_attendance(session, enrolment, new, at)
    await audit.record(
        session,
        "check_in.recorded",
        "enrolment",
        enrolment.id,
        persons=len(person_ids),
        new=len(new),
        event_id=enrolment.event_id,
    )
    return made


async def _tell_attendance(
    session: AsyncSession, enrolment: Enrolment, new: set[UUID], at: datetime
) -> None:
    version = await enrolments.count_up(session, enrolment.id)
    data = AttendanceRecorded(
        event_id=enrolment.event_id,
        family_id=enrolment.family_id,
        person_ids=[id_ for id_ in enrolment.person_ids if id_ in new],
        origin_district=enrolment.origin_district,
        at=at,
    )
    await tell(session, Outgoing(data, enrolment.id, version))


def _check_seated(enrolment: Enrolment, person_ids: Sequence[UUID]) -> None:
    if enrolment.cancelled_by == "event":
        raise conflict("event-cancelled", "This event was cancelled.")
    if enrolment.status == "cancelled":
        raise conflict("enrolment-cancelled", "This enrolment was cancelled.")
    if enrolment.status == "waitlisted":
        raise conflict("enrolment-waitlisted", "This family is still on the waiting list.")
    try:
        check_enrolled(enrolment.person_ids, person_ids)
    except NotEnrolledError as wrong:
        raise invalid(f"person_ids.{wrong.index}", "has no seat by this ticket") from None


def _nonce_used() -> Problem:
    return conflict("nonce-used", "This nonce belongs to a check-in with another ticket.")
