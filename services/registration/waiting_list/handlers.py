"""What families and staff do with a place in the waiting list."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.calendar import queries as calendar
from services.registration.calendar.domain import Event, Refusal
from services.registration.enrolments import contracts
from services.registration.enrolments.domain import Enrolment
from services.registration.enrolments.handlers import (
    REFUSALS,
    find_enrolment,
    get_enrolment,
    lock_enrolment,
)
from services.registration.waiting_list import queries, walking
from services.registration.waiting_list.domain import Cause, Outcome
from shared.messaging.outbox import tell
from shared.problems import conflict


async def accept_offer(session: AsyncSession, enrolment_id: UUID) -> Enrolment:
    """Take the seats that are kept for a family.

    Raises:
        Problem: 404, no such enrolment; 409, there is no offer (any more).
    """
    enrolment, event = await _lock_offered(session, enrolment_id)
    [promoted] = await _seat(session, event, enrolment, "offer_accepted")
    await audit.record(
        session, "enrolment.offer_accepted", "enrolment", enrolment_id, seats=enrolment.seats
    )
    return promoted


async def decline_offer(session: AsyncSession, enrolment_id: UUID) -> Enrolment:
    """Leave the seats to the next family; the one that declines keeps its place for later.

    Raises:
        Problem: 404, no such enrolment; 409, there is no offer (any more).
    """
    _, event = await _lock_offered(session, enrolment_id)
    [declined] = await queries.end_offer(session, enrolment_id)
    await tell(session, contracts.offer_ended(declined, "declined"))
    await audit.record(session, "enrolment.offer_declined", "enrolment", enrolment_id)
    await walking.walk_waiting(session, event, "offer_declined")
    return await find_enrolment(session, enrolment_id)


async def seat_by_decision(session: AsyncSession, enrolment_id: UUID, reason: str) -> Enrolment:
    """Seat a waiting family out of order or over its district's cap, for a reason that is kept.

    Never over the event's capacity, and never on seats that are offered to another family.

    Raises:
        Problem: 404, no such enrolment; 409, it does not wait, the event is over, or the free seats
            are too few.
    """
    enrolment, event = await lock_enrolment(session, enrolment_id)
    _check_waits(enrolment, event)
    fullness = await queries.read_fullness(session, event)
    free = fullness.free + (enrolment.seats if enrolment.offer_expires_at else 0)
    if enrolment.seats > free:
        raise conflict(
            "no-free-seats",
            "There are too few free seats for this family.",
            free=max(free, 0),
            needed=enrolment.seats,
        )
    [promoted] = await _seat(session, event, enrolment, "staff_decision")
    await audit.record(
        session,
        "enrolment.seated",
        "enrolment",
        enrolment_id,
        reason=reason,
        event_id=str(event.id),
        seats=enrolment.seats,
    )
    await walking.walk_waiting(session, event, "staff_decision")
    return promoted


async def pass_on(session: AsyncSession, event_id: UUID) -> None:
    """End the offers of an event whose time has passed, and offer the seats to the next."""
    event = await calendar.lock_event(session, event_id)
    if event is not None:
        await walking.walk_waiting(session, event, "offer_expired")


async def list_decisions(
    session: AsyncSession, enrolment_id: UUID, before: int | None, limit: int
) -> Sequence[queries.Decision]:
    """Read why a family was seated or not, the newest first.

    Raises:
        Problem: 404, no such enrolment.
    """
    await get_enrolment(session, enrolment_id)
    return await queries.list_decisions(session, enrolment_id, before, limit)


async def list_last_decisions(
    session: AsyncSession, ids: Sequence[UUID]
) -> dict[UUID, queries.Decision]:
    """Read what was decided last for each of some families."""
    return await queries.last_decisions(session, ids)


async def _seat(
    session: AsyncSession, event: Event, enrolment: Enrolment, cause: Cause
) -> list[Enrolment]:
    fullness = await queries.read_fullness(session, event)
    held = enrolment.seats if enrolment.offer_expires_at else 0
    promoted = await queries.promote(session, [enrolment.id])
    outcome = Outcome(enrolment.id, fullness.free + held, enrolment.seats, None)
    await walking.write_down(session, cause, [outcome])
    await tell(session, *map(contracts.promoted, promoted))
    return promoted


async def _lock_offered(session: AsyncSession, enrolment_id: UUID) -> tuple[Enrolment, Event]:
    enrolment, event = await lock_enrolment(session, enrolment_id)
    _check_waits(enrolment, event)
    expires_at = enrolment.offer_expires_at
    if expires_at is None or expires_at <= datetime.now(UTC):
        raise conflict("no-offer", "No seats are offered to this family, or not any more.")
    return enrolment, event


def _check_waits(enrolment: Enrolment, event: Event) -> None:
    if enrolment.status == "confirmed":
        raise conflict("already-seated", "This family has its seats already.")
    if enrolment.status == "cancelled":
        raise conflict("already-cancelled", "This enrolment is cancelled already.")
    if not event.promotes(datetime.now(UTC)):
        over: Refusal = "event-cancelled" if event.status == "cancelled" else "event-completed"
        raise conflict(over, REFUSALS[over])
