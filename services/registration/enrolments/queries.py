"""Reads and writes of enrolments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    case,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by as ordered
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.enrolments.domain import (
    CancelledBy,
    Enrolment,
    Status,
)
from services.registration.enrolments.tables import ACTIVE, ENROLMENTS
from services.registration.families.reach import family_within, within
from services.registration.families.tables import FAMILIES, PERSONS

_ACTIVE = ("confirmed", "waitlisted")

NO_OFFER = {"offer_expires_at": None}
"""Set wherever an enrolment is no longer one that waits."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides about a new enrolment: the family, and how full the event is.

    `taken` are people, with seats or with an offer of some; `waiting` are families. Nobody is left
    of a family that was erased or went into another one.
    """

    members: tuple[UUID, ...]
    origin_district: str
    taken: int
    waiting: int
    enrolment_id: UUID | None
    successor_id: UUID | None


async def hold_family(session: AsyncSession, family_id: UUID) -> None:
    """Let nobody change a family until the transaction ends; others may hold it meanwhile.

    Before its events, as whoever changes a family locks them: else somebody who dies or is merged
    while the family enrols would keep a seat.
    """
    await session.execute(
        select(FAMILIES.c.id).where(FAMILIES.c.id == family_id).with_for_update(read=True)
    )


async def read_situation(
    session: AsyncSession, event_id: UUID, family_id: UUID
) -> Situation | None:
    """Read family and seats at once, under the event's lock; None for no such family."""
    of_event = ENROLMENTS.c.event_id == event_id
    members = (
        select(func.array_agg(ordered(PERSONS.c.id, PERSONS.c.position)))
        .where(PERSONS.c.family_id == FAMILIES.c.id)
        .scalar_subquery()
    )
    waiting = (
        select(func.count()).where(of_event, ENROLMENTS.c.status == "waitlisted").scalar_subquery()
    )
    mine = (
        select(ENROLMENTS.c.id)
        .where(of_event, ENROLMENTS.c.family_id == family_id, ENROLMENTS.c.status.in_(_ACTIVE))
        .scalar_subquery()
    )
    statement = select(
        FAMILIES.c.origin_district,
        members.label("members"),
        _taken(event_id).label("taken"),
        waiting.label("waiting"),
        mine.label("mine"),
        FAMILIES.c.successor_id,
    ).where(FAMILIES.c.id == family_id, within())
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    return Situation(
        tuple(row.members or ()),
        row.origin_district,
        row.taken,
        row.waiting,
        row.mine,
        row.successor_id,
    )


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """What is written of a new enrolment."""

    id: UUID
    event_id: UUID
    family_id: UUID
    person_ids: tuple[UUID, ...]
    origin_district: str
    status: Status
    ticket: str


async def insert_enrolment(session: AsyncSession, new: NewEnrolment) -> tuple[int, datetime] | None:
    """Write a new enrolment; gives its entry and time, None when the family has one already."""
    statement = (
        insert(ENROLMENTS)
        .values(
            id=new.id,
            event_id=new.event_id,
            family_id=new.family_id,
            person_ids=list(new.person_ids),
            seats=len(new.person_ids),
            origin_district=new.origin_district,
            status=new.status,
            ticket=new.ticket,
            version=1,
        )
        .on_conflict_do_nothing(index_elements=["event_id", "family_id"], index_where=ACTIVE)
        .returning(ENROLMENTS.c.entry, ENROLMENTS.c.created_at)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else (row.entry, row.created_at)


async def find_active(session: AsyncSession, event_id: UUID, family_id: UUID) -> UUID | None:
    """Find the id of a family's enrolment at an event that is not cancelled."""
    return await session.scalar(
        select(ENROLMENTS.c.id).where(
            ENROLMENTS.c.event_id == event_id,
            ENROLMENTS.c.family_id == family_id,
            ENROLMENTS.c.status.in_(_ACTIVE),
        )
    )


async def find_enrolment(session: AsyncSession, enrolment_id: UUID) -> Enrolment | None:
    """Read one enrolment."""
    statement = select(ENROLMENTS, _position()).where(ENROLMENTS.c.id == enrolment_id)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else enrolment_of(row)


async def list_enrolments(
    session: AsyncSession, event_id: UUID, status: Status | None, after: int, limit: int
) -> list[Enrolment]:
    """Read the enrolments of an event in the order they came, those behind one entry.

    Those of families out of reach are left out.
    """
    statement = (
        select(ENROLMENTS, _position())
        .where(
            ENROLMENTS.c.event_id == event_id,
            ENROLMENTS.c.entry > after,
            family_within(ENROLMENTS.c.family_id),
        )
        .order_by(ENROLMENTS.c.entry)
        .limit(limit)
    )
    if status is not None:
        statement = statement.where(ENROLMENTS.c.status == status)
    return [enrolment_of(row) for row in await session.execute(statement)]


async def cancel(session: AsyncSession, enrolment_id: UUID, by: CancelledBy) -> Enrolment | None:
    """Cancel one enrolment; None when it is cancelled already."""
    cancelled = await change(
        session,
        (ENROLMENTS.c.id == enrolment_id) & ENROLMENTS.c.status.in_(_ACTIVE),
        {"status": "cancelled", "cancelled_by": by, **NO_OFFER},
    )
    return cancelled[0] if cancelled else None


async def cancel_all(session: AsyncSession, event_id: UUID) -> list[Enrolment]:
    """Cancel all enrolments of an event in one statement."""
    return await change(
        session,
        (ENROLMENTS.c.event_id == event_id) & ENROLMENTS.c.status.in_(_ACTIVE),
        {"status": "cancelled", "cancelled_by": "event", **NO_OFFER},
    )


async def change(
    session: AsyncSession, where: ColumnElement[bool], values: Mapping[str, Any]
) -> list[Enrolment]:
    """Change enrolments, each one version up; gives them in the order they came."""
    rows = await session.execute(
        update(ENROLMENTS)
        .where(where)
        .values(version=ENROLMENTS.c.version + 1, **values)
        .returning(ENROLMENTS)
    )
    return sorted(map(enrolment_of, rows), key=lambda enrolment: enrolment.entry)


def _taken(event_id: UUID) -> ColumnElement[int]:
    """The people who have seats, and those with an offer of some."""

    def people(which: ColumnElement[bool]) -> ScalarSelect[int]:
        return (
            select(func.coalesce(func.sum(ENROLMENTS.c.seats), 0))
            .where(ENROLMENTS.c.event_id == event_id, which)
            .scalar_subquery()
        )

    return people(ENROLMENTS.c.status == "confirmed") + people(
        ENROLMENTS.c.offer_expires_at.is_not(None)
    )


def _position() -> ColumnElement[int | None]:
    ahead = ENROLMENTS.alias("ahead")
    place = (
        select(func.count())
        .where(
            ahead.c.event_id == ENROLMENTS.c.event_id,
            ahead.c.status == "waitlisted",
            ahead.c.entry <= ENROLMENTS.c.entry,
        )
        .correlate(ENROLMENTS)
        .scalar_subquery()
    )
    waits = ENROLMENTS.c.status == "waitlisted"
    return case((waits, place), else_=None).label("waiting_position")


def enrolment_of(row: Row[Any]) -> Enrolment:
    """Make an enrolment of its row."""
    return Enrolment(
        id=row.id,
        event_id=row.event_id,
        family_id=row.family_id,
        person_ids=tuple(row.person_ids),
        origin_district=row.origin_district,
        status=row.status,
        ticket=row.ticket,
        version=row.version,
        entry=row.entry,
        created_at=row.created_at,
        cancelled_by=row.cancelled_by,
        offer_expires_at=row.offer_expires_at,
        offer_missed=row.offer_missed,
        waiting_position=row._mapping.get("waiting_position"),
    )
