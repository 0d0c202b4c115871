"""Reads and writes of erasures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, union, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Uuid

from services.registration.erasures.domain import Asked, Erased, Erasure
from services.registration.erasures.tables import ERASED, ERASURES
from services.registration.families.domain import Family, Person
from services.registration.families.reach import family_within
from services.registration.families.tables import PERSONS


async def find_family_of(session: AsyncSession, person_id: UUID) -> UUID | None:
    """Tell to which family a person belongs."""
    return await session.scalar(select(PERSONS.c.family_id).where(PERSONS.c.id == person_id))


async def insert_erasure(
    session: AsyncSession, erasure_id: UUID, asked: Asked, family: Family, *, by: str, whole: bool
) -> None:
    """Write a request down."""
    await session.execute(
        insert(ERASURES).values(
            id=erasure_id,
            requested_by=by,
            reason=asked.reason,
            basis=asked.basis,
            family_id=family.id,
            whole_family=whole,
        )
    )


async def insert_erased(
    session: AsyncSession,
    erasure_id: UUID,
    family: Family,
    persons: Sequence[Person],
    others: Sequence[Erased],
) -> None:
    """Keep what statistics need of persons; `others` are more ids of the same ones."""
    rows: list[dict[str, Any]] = [
        {
            "person_id": person.id,
            "erasure_id": erasure_id,
            "version": person.version + 1,
            "sex": person.member.sex,
            "birth_year": person.member.birth_date.year,
            "origin_district": family.origin.district,
            "residence_district": family.residence.district,
        }
        for person in persons
    ]
    nothing = dict.fromkeys(("sex", "birth_year", "origin_district", "residence_district"))
    rows += [
        {
            "person_id": each.person_id,
            "erasure_id": erasure_id,
            "version": each.version,
            **nothing,
        }
        for each in others
    ]
    await session.execute(insert(ERASED), rows)


async def find_erasure(session: AsyncSession, erasure_id: UUID) -> Erasure | None:
    """Read an erasure of a family within reach, and how far it is."""
    statement = select(ERASURES).where(
        ERASURES.c.id == erasure_id, family_within(ERASURES.c.family_id)
    )
    row = (await session.execute(statement)).first()
    if row is None:
        return None
    persons = await session.execute(
        select(ERASED).where(ERASED.c.erasure_id == erasure_id).order_by(ERASED.c.person_id)
    )
    return Erasure(
        id=row.id,
        requested_at=row.requested_at,
        requested_by=row.requested_by,
        reason=row.reason,
        basis=row.basis,
        family_id=row.family_id,
        whole_family=row.whole_family,
        persons=[
            Erased(each.person_id, each.version, each.registration_at, each.notifications_at)
            for each in persons
        ],
    )


async def list_erased(session: AsyncSession, ids: Sequence[UUID]) -> list[UUID]:
    """Tell which of these ids were those of persons, or whole families, that are erased."""
    these = func.unnest(bindparam("ids", list(ids), ARRAY(Uuid())))
    persons = select(ERASED.c.person_id).where(ERASED.c.person_id.in_(select(these)))
    families = select(ERASURES.c.family_id).where(
        ERASURES.c.whole_family, ERASURES.c.family_id.in_(select(these))
    )
    return list(await session.scalars(union(persons, families)))


async def confirm_notifications(
    session: AsyncSession, erasure_id: UUID, person_id: UUID, at: datetime
) -> bool:
    """Keep that notifications has nothing any more; False when that was known."""
    confirmed = await session.scalar(
        update(ERASED)
        .where(
            ERASED.c.person_id == person_id,
            ERASED.c.erasure_id == erasure_id,
            ERASED.c.notifications_at.is_(None),
        )
        .values(notifications_at=at)
        .returning(ERASED.c.person_id)
    )
    return confirmed is not None


async def list_unswept(session: AsyncSession, limit: int) -> list[UUID]:
    """Find persons whose own service still holds something; another process skips them."""
    return list(
        await session.scalars(
            select(ERASED.c.person_id)
            .where(ERASED.c.registration_at.is_(None))
            .order_by(ERASED.c.person_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


async def confirm_registration(session: AsyncSession, persons: Sequence[UUID]) -> None:
    """Keep that this service has nothing any more."""
    await session.execute(
        update(ERASED).where(ERASED.c.person_id.in_(persons)).values(registration_at=func.now())
    )
