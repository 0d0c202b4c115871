"""Reads and writes of whom enrolments name: who is enrolled where, and who takes whose place."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.enrolments.domain import CancelledBy, Enrolment, Status
from services.registration.enrolments.queries import find_enrolment
from services.registration.enrolments.tables import ENROLMENTS


async def list_active_of(session: AsyncSession, person_id: UUID) -> list[Enrolment]:
    """Read the enrolments of a person that are not cancelled, in the order of their events."""
    enrolments = await _read(
        session,
        ENROLMENTS.c.person_ids.contains([person_id]) & (ENROLMENTS.c.status != "cancelled"),
    )
    return sorted(enrolments, key=lambda each: each.event_id)


async def list_of(
    session: AsyncSession,
    *,
    persons: Collection[UUID],
    families: Mapping[UUID, UUID],
    event_id: UUID | None = None,
) -> list[Enrolment]:
    """Read the enrolments that name any of these persons, or of families and their counterparts.

    Cancelled ones are read too; the order is that of enrolling.
    """
    both = [*families.keys(), *families.values()]
    named = or_(ENROLMENTS.c.person_ids.overlap(list(persons)), ENROLMENTS.c.family_id.in_(both))
    if event_id is not None:
        named = named & (ENROLMENTS.c.event_id == event_id)
    return await _read(session, named)


async def read_all(session: AsyncSession, ids: Sequence[UUID]) -> list[Enrolment]:
    """Read enrolments by their ids, in the order of enrolling."""
    return await _read(session, ENROLMENTS.c.id.in_(ids))


async def rewrite(
    session: AsyncSession,
    enrolment_id: UUID,
    *,
    family_id: UUID,
    person_ids: Sequence[UUID],
    status: Status,
    cancelled_by: CancelledBy | None,
) -> Enrolment:
    """Write what an enrolment holds, under the event's lock; gives it as it is then.

    Raises:
        LookupError: there is none.
    """
    await _write(
        session,
        enrolment_id,
        {
            "family_id": family_id,
            "person_ids": list(person_ids),
            "seats": len(person_ids),
            "status": status,
            "cancelled_by": cancelled_by,
        },
    )
    return await _present(session, enrolment_id)


async def remove_person(session: AsyncSession, enrolment_id: UUID, person_id: UUID) -> Enrolment:
    """Take one of several persons out of an enrolment, under the event's lock.

    Raises:
        LookupError: there is no such enrolment.
    """
    left = func.array_remove(ENROLMENTS.c.person_ids, person_id)
    await _write(session, enrolment_id, {"person_ids": left, "seats": func.cardinality(left)})
    return await _present(session, enrolment_id)


async def _read(session: AsyncSession, where: ColumnElement[bool]) -> list[Enrolment]:
    ids = await session.scalars(select(ENROLMENTS.c.id).where(where).order_by(ENROLMENTS.c.entry))
    return [await _present(session, id_) for id_ in ids.all()]


async def _present(session: AsyncSession, enrolment_id: UUID) -> Enrolment:
    enrolment = await find_enrolment(session, enrolment_id)
    if enrolment is None:
        raise LookupError(enrolment_id)
    return enrolment


async def _write(session: AsyncSession, enrolment_id: UUID, values: Mapping[str, Any]) -> None:
    await session.execute(
        update(ENROLMENTS)
        .where(ENROLMENTS.c.id == enrolment_id)
        .values(version=ENROLMENTS.c.version + 1, **values)
    )
