"""Writes of enrolments."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.enrolments.tables import EnrolmentRow


async def keep_newer(session: AsyncSession, enrolments: Sequence[dict[str, Any]]) -> set[UUID]:
    """Insert or replace enrolments, each only by a higher version; return which were changed."""
    statement = insert(EnrolmentRow)
    told = statement.excluded
    changed = await session.scalars(
        statement.on_conflict_do_update(
            index_elements=[EnrolmentRow.id],
            set_={name: told[name] for name in enrolments[0] if name != "id"},
            where=EnrolmentRow.version < told.version,
        ).returning(EnrolmentRow.id),
        sorted(enrolments, key=lambda enrolment: enrolment["id"]),
    )
    return set(changed)
