"""The use case of walk-ins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.calendar import queries as calendar
from services.registration.check_ins import handlers as check_ins
from services.registration.check_ins import queries as attendance
from services.registration.check_ins.domain import Arrival, CheckIn
from services.registration.check_ins.refusals import refusal
from services.registration.enrolments import handlers as enrolments
from services.registration.enrolments import queries as enrolled
from services.registration.enrolments.domain import Enrolment
from services.registration.families import handlers as families
from services.registration.families.domain import Consent, Member, Origin, Residence
from shared.problems import conflict, not_found


@dataclass(frozen=True, slots=True)
class NewFamily:
    """A family that nobody has registered yet."""

    origin: Origin
    residence: Residence
    members: Sequence[Member]
    consent: Consent | None


@dataclass(frozen=True, slots=True)
class WalkIn:
    """Who came to an event: a family on the register, or a new one, and which of its members."""

    family: NewFamily | UUID
    person_ids: Sequence[UUID] | None
    nonce: str
    at: datetime
    reason: str | None


async def record_walk_in(
    session: AsyncSession, event_id: UUID, walk_in: WalkIn
) -> tuple[Enrolment, CheckIn, bool]:
    """Register, seat and check in who came, all of it or nothing; tells whether it is new.

    The same nonce again changes nothing. Seats never oversell: who does not fit is refused. Who is
    enrolled already is checked in.

    Raises:
        Problem: 404, no such event or family; 409, not enough seats are left, the family waits, the
            event is over or cancelled, a FIN is registered already, or the nonce is another
            check-in's or still at work; 422, the members make no family or one is not of it.
    """
    if not await attendance.lock_desk(session, f"walk-in {walk_in.nonce}"):
        raise conflict("still-running", "This walk-in is being recorded.")
    known = (await attendance.find_check_ins(session, [walk_in.nonce])).get(walk_in.nonce)
    if known is not None and known.event_id != event_id:
        raise refusal("nonce-used")
    if known is not None:
        return await enrolments.find_enrolment(session, known.enrolment_id), known, False
    if isinstance(walk_in.family, UUID):
        await enrolled.hold_family(session, walk_in.family)
    if await calendar.lock_event(session, event_id) is None:
        raise not_found("event")
    enrolment = await _enrol(session, event_id, walk_in)
    persons = tuple(walk_in.person_ids or enrolment.person_ids)
    arrival = Arrival(enrolment.ticket, persons, walk_in.nonce, walk_in.at)
    check_in, _ = await check_ins.check_in(session, arrival, event_id)
    await audit.record(
        session,
        "walk_in.recorded",
        "enrolment",
        enrolment.id,
        reason=walk_in.reason,
        persons=len(persons),
        event_id=event_id,
    )
    return await enrolments.find_enrolment(session, enrolment.id), check_in, True


async def _enrol(session: AsyncSession, event_id: UUID, walk_in: WalkIn) -> Enrolment:
    if isinstance(walk_in.family, UUID):
        family_id = walk_in.family
        there = await enrolled.find_active(session, event_id, family_id)
        if there is not None:
            return await enrolments.find_enrolment(session, there)
    else:
        new = walk_in.family
        family = await families.register_family(
            session, new.origin, new.residence, new.members, new.consent
        )
        family_id = family.id
    return await enrolments.enrol_family(
        session, event_id, family_id, walk_in.person_ids, at_the_door=True
    )
