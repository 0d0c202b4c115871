"""Walking the waiting list of a locked event, and writing down why."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.calendar.domain import Event
from services.registration.enrolments import contracts, metrics
from services.registration.waiting_list import domain, queries
from services.registration.waiting_list.domain import (
    Cause,
    Fullness,
    Outcome,
    Waiting,
    walk,
)
from shared.messaging.outbox import tell

CONSIDERED = 200
"""How many families a walk writes down, those who wait longest; beside them all who get seats."""


async def walk_waiting(
    session: AsyncSession, event: Event, cause: Cause, *, new_round: bool = False
) -> None:
    """Walk the list of a locked event and give, or offer, seats to those whose turn it is.

    Offers whose time has passed are ended before. In a new round, which begins where seats became
    free anew, families that let an offer pass are asked again.
    """
    now = datetime.now(UTC)
    if new_round:
        await queries.begin_round(session, event.id)
    expired = await queries.end_overdue_offers(session, event.id, now)
    await tell(session, *(contracts.offer_ended(each, "expired") for each in expired))
    for each in expired:
        await audit.record(session, "enrolment.offer_expired", "enrolment", each.id)
    if not event.promotes(now):
        return
    fullness = await queries.read_fullness(session, event)
    if fullness.free <= 0 and cause != "capacity_lowered":
        return
    waiting = await queries.list_waiting(session, event, fullness.free, CONSIDERED)
    outcomes = walk(event.rule, fullness, waiting)
    given = [each.enrolment_id for each in outcomes if not each.refusal and each.enrolment_id]
    until = event.offer_until(now)
    told = [each for place, each in enumerate(outcomes) if place < CONSIDERED or not each.refusal]
    await queries.write_down(session, cause, told, "seated" if until is None else "offered")
    if not given:
        return
    if until is None:
        changed, act = await queries.promote(session, given), "enrolment.promoted"
        await tell(session, *map(contracts.promoted, changed))
    else:
        changed, act = await queries.offer(session, given, until), "enrolment.offered"
        await tell(session, *map(contracts.offered, changed))
    metrics.count(session, act.removeprefix("enrolment."), len(changed))
    for each in changed:
        await audit.record(session, act, "enrolment", each.id, seats=each.seats)


async def consider(session: AsyncSession, event: Event, taken: int, applicant: Waiting) -> Outcome:
    """Decide for a family that enrols now, behind all who wait; the event is locked.

    Nobody who waits would get seats at this moment, since each change walks the list. So only the
    kinds of families matter that could be in the way, and those only under strict order.
    """
    if event.rule == "best_fit" and not event.district_caps:
        return domain.consider(event.rule, Fullness(event.capacity, taken), (), applicant)
    fullness = await queries.read_fullness(session, event)
    ahead: list[Waiting] = []
    if event.rule == "strict_order":
        ahead = await queries.list_kinds_waiting(session, event.id)
    return domain.consider(event.rule, fullness, ahead, applicant)


async def write_down(session: AsyncSession, cause: Cause, outcomes: Sequence[Outcome]) -> None:
    """Keep what was decided; families without a refusal have seats."""
    await queries.write_down(session, cause, outcomes, "seated")


async def shorten_offers(session: AsyncSession, event: Event, now: datetime) -> None:
    """Let no offer outlive enrolment; families that still have time are told how long."""
    closes_at = event.enrolment_closes_at
    if closes_at is None:
        return
    shortened = await queries.shorten_offers(session, event.id, closes_at)
    if closes_at > now:
        await tell(session, *map(contracts.offered, shortened))


async def withdraw_offer(session: AsyncSession, enrolment_id: UUID) -> None:
    """End the offer of a family because what it was made for is no more."""
    withdrawn = await queries.end_offer(session, enrolment_id)
    await tell(session, *(contracts.offer_ended(each, "withdrawn") for each in withdrawn))


async def close_list(session: AsyncSession, event_id: UUID) -> None:
    """End the offers of an event that is over, and write down that nobody is seated any more."""
    withdrawn = await queries.withdraw_offers(session, event_id)
    await tell(session, *(contracts.offer_ended(each, "withdrawn") for each in withdrawn))
    outcomes = [
        Outcome(each.enrolment_id, 0, each.seats, "event_closed")
        for each in await queries.list_first_waiting(session, event_id, CONSIDERED)
    ]
    await write_down(session, "event_completed", outcomes)
