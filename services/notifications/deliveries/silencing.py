"""Telling people nothing any more: their consent was withdrawn, or they are to be forgotten."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

SILENCED = "nobody it speaks to may be told any more"

# A phone that somebody else shares is still told, as long as that person may be.
_SILENCE = text("""
UPDATE notifications n SET status = 'suppressed', reason = :reason, settled_at = now()
WHERE n.status IN ('pending', 'held') AND n.person_ids && CAST(:persons AS uuid[])
    AND NOT EXISTS (SELECT FROM contacts c WHERE c.person_id = ANY(n.person_ids) AND c.may_notify)
""")


async def silence(session: AsyncSession, persons: Sequence[UUID]) -> None:
    """Suppress what did not leave yet and speaks only to persons who may not be told any more.

    What is written later, or comes back to be tried again, is found when it is claimed: so nothing
    that was not already on its way leaves after this transaction.
    """
    if persons:
        await session.execute(_SILENCE, {"persons": sorted(persons), "reason": SILENCED})
