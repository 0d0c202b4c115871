"""Reads and writes of the local calendar."""

from dataclasses import asdict
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.calendar.domain import Event, Facts, Status
from services.registration.calendar.tables import EventRow


async def lock_event(session: AsyncSession, event_id: UUID) -> Event | None:
    """Read an event and hold its row until the transaction ends.

    Every change of an event's seats holds this lock while it counts and writes, so seats never
    oversell. What the count reads must come from a later statement: this one's snapshot may be
    older than the lock.
    """
    return await _event(session, _select(event_id).with_for_update())


async def find_event(session: AsyncSession, event_id: UUID) -> Event | None:
    """Read an event as it is, without a lock."""
    return await _event(session, _select(event_id))


async def keep_facts(session: AsyncSession, event_id: UUID, version: int, facts: Facts) -> bool:
    """Keep what a published event is, and its row's lock.

    False when this version, or a later one, is known already: then nothing changed.
    """
    return await _keep(session, event_id, version, {"status": "published", **asdict(facts)})


async def keep_end(session: AsyncSession, event_id: UUID, version: int, status: Status) -> bool:
    """Keep that an event was cancelled or completed, known or not, and its row's lock.

    False when this version, or a later one, is known already: then nothing changed.
    """
    return await _keep(session, event_id, version, {"status": status})


async def _keep(
    session: AsyncSession, event_id: UUID, version: int, values: dict[str, Any]
) -> bool:
    changed = {"version": version, **values}
    kept = await session.scalar(
        insert(EventRow)
        .values(id=event_id, **changed)
        .on_conflict_do_update(
            index_elements=[EventRow.id],
            set_=changed,
            where=_column(EventRow.version) < literal(version),
        )
        .returning(EventRow.id)
    )
    return kept is not None


def _column(attribute: Any) -> ColumnElement[int]:
    return cast(ColumnElement[int], attribute)


def _select(event_id: UUID) -> Select[*tuple[Any, ...]]:
    return select(
        EventRow.id,
        EventRow.status,
        EventRow.capacity,
        EventRow.ends_at,
        EventRow.enrolment_closes_at,
        EventRow.rule,
        EventRow.offer_hours,
        EventRow.district_caps,
    ).where(EventRow.id == event_id)


async def _event(session: AsyncSession, statement: Select[*tuple[Any, ...]]) -> Event | None:
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    return Event(
        id=row.id,
        status=row.status,
        capacity=row.capacity or 0,
        ends_at=row.ends_at,
        enrolment_closes_at=row.enrolment_closes_at,
        rule=row.rule,
        offer_hours=row.offer_hours,
        district_caps=row.district_caps,
    )
