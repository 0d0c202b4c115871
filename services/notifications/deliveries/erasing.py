"""Removing a person from what was written to them; that something was written stays."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.contacts.sealed import seal_address
from shared.sealing import sealer_of

_ONE_ERASED = """n.person_ids && CAST(:persons AS uuid[])"""
_NOBODY_LEFT = """NOT EXISTS (
    SELECT FROM contacts c WHERE c.person_id = ANY(n.person_ids) AND NOT c.erased)"""

# The index stays one of its own, since an event has one invitation an address.
_EMPTY = text(f"""
WITH emptied AS (
    UPDATE notifications n SET address_sealed = :nowhere,
        address_index = decode(md5(n.id::text), 'hex'), names = ARRAY['—'], subject = NULL,
        text = NULL, reason = NULL, reference = NULL
    WHERE {_ONE_ERASED} AND {_NOBODY_LEFT}
    RETURNING n.id
)
UPDATE attempts a SET reason = NULL FROM emptied WHERE a.notification_id = emptied.id
""")  # noqa: S608  only constants are joined

# Who shares the phone keeps the text's place, but not its words, which may name everybody there.
_RENAME = text(f"""
UPDATE notifications n SET subject = NULL, text = NULL, names = ARRAY(
    SELECT coalesce(c.given_name, '—') FROM unnest(n.person_ids) WITH ORDINALITY AS p(id, place)
    JOIN contacts c ON c.person_id = p.id WHERE NOT c.erased ORDER BY p.place)
WHERE {_ONE_ERASED} AND NOT ({_NOBODY_LEFT})
""")  # noqa: S608  only constants are joined


async def forget_recipients(session: AsyncSession, persons: Sequence[UUID]) -> None:
    """Remove names, addresses and texts of persons whose contacts are erased; may be repeated."""
    nowhere = seal_address(sealer_of(session), "")
    await session.execute(_EMPTY, {"persons": sorted(persons), "nowhere": nowhere})
    await session.execute(_RENAME, {"persons": sorted(persons)})
