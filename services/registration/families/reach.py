"""Whose families the present actor may find, read, change, enrol and check in.

Staff who are bound to a district reach the families that come from there or live there. What is
out of reach answers like what is not there; systems, loops and staff without a district reach all.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.families.domain import Family
from services.registration.families.tables import FAMILIES
from shared.actors import current_actor
from shared.problems import Problem


def within() -> ColumnElement[bool]:
    """The condition on a row of families that it is within reach."""
    district = current_actor().district
    if district is None:
        return true()
    return or_(FAMILIES.c.origin_district == district, FAMILIES.c.residence_district == district)


def family_within(family_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """The condition on another row that the family it names is within reach."""
    if current_actor().district is None:
        return true()
    return family_id.in_(select(FAMILIES.c.id).where(within()))


def sql(family_id: str) -> str:
    """As `family_within`, for a statement in SQL: `AND …`, with the parameter `reach`."""
    if current_actor().district is None:
        return ""
    return (
        f" AND EXISTS (SELECT 1 FROM families reached WHERE reached.id = {family_id}"  # noqa: S608
        " AND :reach IN (reached.origin_district, reached.residence_district))"
    )


def parameters() -> dict[str, str]:
    """The parameter of `sql`."""
    district = current_actor().district
    return {} if district is None else {"reach": district}


async def reaches(session: AsyncSession, family_id: UUID) -> bool:
    """Tell whether one family is within reach."""
    if current_actor().district is None:
        return True
    found = select(FAMILIES.c.id).where(FAMILIES.c.id == family_id, within())
    return await session.scalar(found) is not None


async def reached(session: AsyncSession, family_ids: Collection[UUID]) -> Collection[UUID]:
    """Give those of some families that are within reach."""
    if current_actor().district is None or not family_ids:
        return family_ids
    found = select(FAMILIES.c.id).where(FAMILIES.c.id.in_(family_ids), within())
    return set(await session.scalars(found))


def check_registers(family: Family) -> None:
    """Check that a new family would be within reach of who registers it.

    Raises:
        Problem: 403, it neither comes from the actor's district nor lives there.
    """
    district = current_actor().district
    if district is not None and district not in (
        family.origin.district,
        family.residence.district,
    ):
        raise Problem(
            403,
            "other-district",
            f"You register families who come from {district} or live there; this one does not.",
            more={"district": district},
        )
