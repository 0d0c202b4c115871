"""Finding families: by any spelling of a member's name or place, by FIN, phone or ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.families.reach import within
from services.registration.families.tables import FAMILIES, PERSONS
from services.registration.search.families import families_meant


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of families is narrowed to; None is not asked for."""

    text: str | None
    origin: str | None
    residence: str | None


async def list_families(
    session: AsyncSession, wanted: Wanted, before: UUID | None, limit: int
) -> Sequence[Row[Any]]:
    """Read rows of families, the newest first, those that were made before one of them.

    One that went into another family, was erased, or is out of reach, is not listed.
    """
    statement = (
        select(FAMILIES)
        .where(FAMILIES.c.successor_id.is_(None), within())
        .where(select(PERSONS.c.id).where(PERSONS.c.family_id == FAMILIES.c.id).exists())
        .order_by(FAMILIES.c.id.desc())
        .limit(limit)
    )
    if wanted.text:
        statement = statement.where(await families_meant(session, wanted.text))
    if wanted.origin:
        statement = statement.where(FAMILIES.c.origin_district == wanted.origin)
    if wanted.residence:
        statement = statement.where(FAMILIES.c.residence_district == wanted.residence)
    if before:
        statement = statement.where(FAMILIES.c.id < before)
    return (await session.execute(statement)).all()
