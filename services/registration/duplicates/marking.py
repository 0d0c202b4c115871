"""Marking families to be compared, in the transaction that writes them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.duplicates.tables import COMPARISONS


async def mark(session: AsyncSession, family_ids: Sequence[UUID]) -> None:
    """Let families be compared with all others as soon as this transaction commits.

    Compared then, not now: two calls that register one person at the same time do not see each
    other, but whoever compares them afterwards sees both.
    """
    await session.execute(insert(COMPARISONS), [{"family_id": id_} for id_ in family_ids])
