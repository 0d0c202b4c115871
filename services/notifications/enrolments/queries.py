"""Writes of enrolments."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# One parameter for all rows: binding each of their columns cost more than the insert itself.
_KEEP_NEWER = text("""
INSERT INTO enrolments AS kept
SELECT * FROM json_populate_recordset(NULL::enrolments, CAST(:rows AS json)) ORDER BY id
ON CONFLICT (id) DO UPDATE SET
    version = excluded.version,
    family_id = excluded.family_id,
    person_ids = excluded.person_ids,
    status = excluded.status,
    cancelled_by = excluded.cancelled_by,
    waiting_position = excluded.waiting_position
WHERE kept.version < excluded.version
RETURNING id
""")


async def keep_newer(session: AsyncSession, enrolments: Sequence[dict[str, Any]]) -> set[UUID]:
    """Insert or replace enrolments, each only by a higher version; return which were changed."""
    changed = await session.scalars(_KEEP_NEWER, {"rows": to_json(list(enrolments)).decode()})
    return set(changed)
