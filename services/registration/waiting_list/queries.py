"""Reads and writes of the waiting list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.calendar.domain import Event
from services.registration.enrolments.domain import Enrolment
from services.registration.enrolments.queries import NO_OFFER, change
from services.registration.enrolments.tables import ENROLMENTS
from services.registration.waiting_list.domain import Cause, Fullness, Outcome, Reason, Waiting
from services.registration.waiting_list.tables import DECISIONS

_SEATS = ENROLMENTS.c.seats
_DISTRICT = ENROLMENTS.c.origin_district
_WAITS = (ENROLMENTS.c.status == "waitlisted") & ENROLMENTS.c.offer_expires_at.is_(None)
_HOLDS = (ENROLMENTS.c.status == "confirmed") | ENROLMENTS.c.offer_expires_at.is_not(None)


async def read_fullness(session: AsyncSession, event: Event) -> Fullness:
    """Count the seats that are taken or offered, under the event's lock."""
    rows = await session.execute(
        select(_DISTRICT, func.sum(_SEATS))
        .where(ENROLMENTS.c.event_id == event.id, _HOLDS)
        .group_by(_DISTRICT)
    )
    taken: dict[str, int] = {row[0]: row[1] for row in rows}
    return Fullness(event.capacity, sum(taken.values()), event.district_caps, taken)


async def list_waiting(
    session: AsyncSession, event: Event, free: int, considered: int
) -> list[Waiting]:
    """Read who waits, in order.

    Where nobody can be in the way of others, families that do not fit into `free` seats are left
    out behind the first `considered`.
    """
    statement = _waiting(event.id).order_by(ENROLMENTS.c.entry)
    if event.rule == "best_fit":
        place = select(ENROLMENTS.c.entry).where(ENROLMENTS.c.event_id == event.id, _WAITS)
        last = place.order_by(ENROLMENTS.c.entry).offset(considered - 1).limit(1)
        seen = ENROLMENTS.c.entry <= func.coalesce(last.scalar_subquery(), 2**63 - 1)
        statement = statement.where(or_(free >= _SEATS, seen))
    return [Waiting(*row) for row in await session.execute(statement)]


async def list_first_waiting(session: AsyncSession, event_id: UUID, limit: int) -> list[Waiting]:
    """Read who waits longest, in order."""
    statement = _waiting(event_id).order_by(ENROLMENTS.c.entry).limit(limit)
    return [Waiting(*row) for row in await session.execute(statement)]


async def list_kinds_waiting(session: AsyncSession, event_id: UUID) -> list[Waiting]:
    """Read which kinds of families wait: one for each district and size, in no order."""
    rows = await session.execute(
        select(_DISTRICT, _SEATS)
        .where(ENROLMENTS.c.event_id == event_id, _WAITS, ~ENROLMENTS.c.offer_missed)
        .distinct()
    )
    return [Waiting(None, row.seats, row.origin_district) for row in rows]


async def promote(session: AsyncSession, chosen: Sequence[UUID]) -> list[Enrolment]:
    """Give seats to families that waited; gives them in the order of the waiting list."""
    return await change(
        session,
        ENROLMENTS.c.id.in_(chosen) & (ENROLMENTS.c.status == "waitlisted"),
        {"status": "confirmed", "offer_missed": False, **NO_OFFER},
    )


async def offer(session: AsyncSession, chosen: Sequence[UUID], until: datetime) -> list[Enrolment]:
    """Keep seats for families that wait; gives them in the order of the waiting list."""
    return await change(session, ENROLMENTS.c.id.in_(chosen), {"offer_expires_at": until})


async def end_overdue_offers(
    session: AsyncSession, event_id: UUID, now: datetime
) -> list[Enrolment]:
    """End the offers of an event whose time has passed."""
    overdue = ENROLMENTS.c.offer_expires_at <= now
    return await _miss(session, (ENROLMENTS.c.event_id == event_id) & overdue)


async def end_offer(session: AsyncSession, enrolment_id: UUID) -> list[Enrolment]:
    """End the offer of one family that does not want it."""
    return await _miss(session, ENROLMENTS.c.id == enrolment_id)


async def withdraw_offers(session: AsyncSession, event_id: UUID) -> list[Enrolment]:
    """End all offers of an event."""
    return await _miss(
        session,
        (ENROLMENTS.c.event_id == event_id) & ENROLMENTS.c.offer_expires_at.is_not(None),
    )


async def shorten_offers(session: AsyncSession, event_id: UUID, last: datetime) -> list[Enrolment]:
    """Let the offers of an event end at this moment where they would end later."""
    later = ENROLMENTS.c.offer_expires_at > last
    return await change(
        session, (ENROLMENTS.c.event_id == event_id) & later, {"offer_expires_at": last}
    )


async def begin_round(session: AsyncSession, event_id: UUID) -> None:
    """Let the families that let an offer pass be asked again; nothing that is told of changes."""
    await session.execute(
        update(ENROLMENTS)
        .where(ENROLMENTS.c.event_id == event_id, ENROLMENTS.c.offer_missed)
        .values(offer_missed=False)
    )


async def list_events_overdue(session: AsyncSession, limit: int) -> Sequence[UUID]:
    """Read the events that have offers whose time has passed."""
    rows = await session.scalars(
        select(ENROLMENTS.c.event_id)
        .where(ENROLMENTS.c.offer_expires_at <= func.now())
        .distinct()
        .limit(limit)
    )
    return rows.all()


async def write_down(
    session: AsyncSession, cause: Cause, outcomes: Sequence[Outcome], given: Reason
) -> None:
    """Keep what was decided for each family; `given` is what those without a refusal got."""
    if outcomes:
        rows = [
            {
                "enrolment_id": outcome.enrolment_id,
                "cause": cause,
                "free": outcome.free,
                "needed": outcome.needed,
                "reason": outcome.refusal or given,
            }
            for outcome in outcomes
        ]
        await session.execute(insert(DECISIONS), rows)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for a family in one walk of the list: `free` and `needed` are people."""

    entry: int
    at: datetime
    cause: Cause
    reason: Reason
    free: int
    needed: int


async def list_decisions(
    session: AsyncSession, enrolment_id: UUID, before: int | None, limit: int
) -> list[Decision]:
    """Read what was decided for a family, the newest first, those before one entry."""
    columns = (DECISIONS.c[name] for name in ("entry", "at", "cause", "reason", "free", "needed"))
    statement = (
        select(*columns)
        .where(DECISIONS.c.enrolment_id == enrolment_id)
        .order_by(DECISIONS.c.entry.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(DECISIONS.c.entry < before)
    return [Decision(*row) for row in await session.execute(statement)]


async def last_decisions(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Decision]:
    """Read the newest decision for each of some enrolments."""
    columns = (DECISIONS.c[name] for name in ("entry", "at", "cause", "reason", "free", "needed"))
    rows = await session.execute(
        select(DECISIONS.c.enrolment_id, *columns)
        .where(DECISIONS.c.enrolment_id.in_(ids))
        .distinct(DECISIONS.c.enrolment_id)
        .order_by(DECISIONS.c.enrolment_id, DECISIONS.c.entry.desc())
    )
    return {row[0]: Decision(*row[1:]) for row in rows}


def _waiting(event_id: UUID) -> Select[*tuple[Any, ...]]:
    return select(ENROLMENTS.c.id, _SEATS, _DISTRICT, ENROLMENTS.c.offer_missed).where(
        ENROLMENTS.c.event_id == event_id, _WAITS
    )


async def _miss(session: AsyncSession, where: ColumnElement[bool]) -> list[Enrolment]:
    missed: Mapping[str, Any] = {"offer_missed": True, **NO_OFFER}
    return await change(session, where, missed)
