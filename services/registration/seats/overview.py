"""Reads of events with how full each is, for who looks at many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.calendar.domain import Status
from services.registration.calendar.tables import EventRow
from services.registration.enrolments.tables import ENROLMENTS

_STILL_SHOWN = timedelta(hours=12)
"""How long an event that is over stays among the coming ones: lists are closed after it."""


@dataclass(frozen=True, slots=True)
class EventSeats:
    """An event as the desk sees it; without title and times when only its end was heard of."""

    id: UUID
    status: Status
    title: dict[str, str] | None
    venue: dict[str, str] | None
    starts_at: datetime | None
    ends_at: datetime | None
    enrolment_closes_at: datetime | None
    capacity: int
    confirmed: int
    waitlisted: int
    offered: int = 0

    @property
    def free(self) -> int:
        """Seats that are left, without those that are offered to who waits."""
        return max(0, self.capacity - self.confirmed - self.offered)

    def takes(self, now: datetime) -> bool:
        """Tell whether families may enrol now."""
        closes = self.enrolment_closes_at
        return self.status == "published" and closes is not None and now < closes


async def list_coming(
    session: AsyncSession, now: datetime, after: tuple[datetime, UUID] | None, limit: int
) -> list[EventSeats]:
    """Read the published events that are not over, the next one first, behind a place."""
    place = tuple_(EventRow.starts_at, EventRow.id)
    statement = (
        _select()
        .where(EventRow.status == "published", EventRow.ends_at > now - _STILL_SHOWN)
        .order_by(EventRow.starts_at, EventRow.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(place > tuple_(*after))
    return _events((await session.execute(statement)).all())


async def list_past(
    session: AsyncSession, now: datetime, before: tuple[datetime, UUID] | None, limit: int
) -> list[EventSeats]:
    """Read the events that are over or called off, the last one first, behind a place."""
    place = tuple_(EventRow.starts_at, EventRow.id)
    over = (EventRow.status != "published") | (EventRow.ends_at <= now - _STILL_SHOWN)
    statement = (
        _select()
        .where(over, EventRow.starts_at.is_not(None))
        .order_by(EventRow.starts_at.desc(), EventRow.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(place < tuple_(*before))
    return _events((await session.execute(statement)).all())


async def find(session: AsyncSession, event_id: UUID) -> EventSeats | None:
    """Read one event with its seats."""
    row = (await session.execute(_select().where(EventRow.id == event_id))).one_or_none()
    return None if row is None else _events([row])[0]


def _select() -> Select[*tuple[Any, ...]]:
    def people(which: ColumnElement[bool]) -> ScalarSelect[int]:
        return (
            select(func.coalesce(func.sum(ENROLMENTS.c.seats), 0))
            .where(ENROLMENTS.c.event_id == EventRow.id, which)
            .correlate(EventRow)
            .scalar_subquery()
        )

    return select(
        EventRow.id,
        EventRow.status,
        EventRow.title,
        EventRow.venue,
        EventRow.starts_at,
        EventRow.ends_at,
        EventRow.enrolment_closes_at,
        func.coalesce(EventRow.capacity, 0).label("capacity"),
        people(ENROLMENTS.c.status == "confirmed").label("confirmed"),
        people(ENROLMENTS.c.status == "waitlisted").label("waitlisted"),
        people(ENROLMENTS.c.offer_expires_at.is_not(None)).label("offered"),
    )


def _events(rows: Sequence[Row[Any]]) -> list[EventSeats]:
    return [EventSeats(**row._mapping) for row in rows]
