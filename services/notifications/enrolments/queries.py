"""Writes of enrolments."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.enrolments.tables import EnrolmentRow

# The table, not the row class: the ORM's bookkeeping for each row cost more than the insert itself.
ENROLMENTS = EnrolmentRow.metadata.tables["notifications.enrolments"]


async def keep_newer(session: AsyncSession, enrolments: Sequence[dict[str, Any]]) -> set[UUID]:
    """Insert or replace enrolments, each only by a higher version; return which were changed."""
    statement = insert(ENROLMENTS)
    told = statement.excluded
    changed = await session.scalars(
        statement.on_conflict_do_update(
            index_elements=[ENROLMENTS.c.id],
            set_={name: told[name] for name in enrolments[0] if name != "id"},
            where=ENROLMENTS.c.version < told.version,
        ).returning(ENROLMENTS.c.id),
        sorted(enrolments, key=lambda enrolment: enrolment["id"]),
    )
    return set(changed)
