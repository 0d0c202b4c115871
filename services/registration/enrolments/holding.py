"""Reads and locks of many enrolments at once, for what is done to them by the batch."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.enrolments.domain import Enrolment
from services.registration.enrolments.queries import enrolment_of
from services.registration.enrolments.tables import ENROLMENTS

_COUNT_UP = text(
    """
    UPDATE enrolments SET version = version + told.times
    FROM unnest(CAST(:ids AS uuid[]), CAST(:times AS int[])) AS told (id, times)
    WHERE enrolments.id = told.id RETURNING enrolments.id, enrolments.version
    """
)


async def find_enrolments(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Enrolment]:
    """Read some enrolments by id."""
    rows = await session.execute(select(ENROLMENTS).where(ENROLMENTS.c.id.in_(ids)))
    return {row.id: enrolment_of(row) for row in rows}


async def lock_presented(
    session: AsyncSession, codes: Collection[str], ids: Collection[UUID]
) -> list[Enrolment]:
    """Read the enrolments of these tickets or ids, and hold them until the transaction ends.

    In one order for everybody, so that two calls with the same tickets never wait for each other.
    """
    statement = (
        select(ENROLMENTS)
        .where(or_(ENROLMENTS.c.ticket.in_(codes), ENROLMENTS.c.id.in_(ids)))
        .order_by(ENROLMENTS.c.id)
        .with_for_update()
    )
    return [enrolment_of(row) for row in await session.execute(statement)]


async def count_up(session: AsyncSession, times: Mapping[UUID, int]) -> dict[UUID, int]:
    """Give enrolments so many more versions, for something else that is told; gives the last."""
    rows = await session.execute(
        _COUNT_UP, {"ids": list(times), "times": [times[id_] for id_ in times]}
    )
    return {row.id: row.version for row in rows}
