"""Reading notifications for people, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, any_, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.calendar.tables import EventRow
from services.notifications.contacts.tables import ContactRow
from services.notifications.deliveries.tables import NotificationRow
from shared.actors import current_actor


@dataclass(frozen=True, slots=True)
class Filters:
    """Which notifications; None means any."""

    event_id: UUID | None
    family_id: UUID | None
    person_id: UUID | None
    status: str | None


async def list_notifications(
    session: AsyncSession, filters: Filters, *, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Row[NotificationRow, EventRow]]:
    """Read up to `limit` notifications older than a place, newest first, with their events.

    Whoever is bound to a district reads those to people who come from there or live there.
    """
    statement = (
        select(NotificationRow, EventRow)
        .outerjoin(EventRow, EventRow.id == NotificationRow.event_id)
        .where(_within_reach())
        .order_by(NotificationRow.created_at.desc(), NotificationRow.id.desc())
        .limit(limit)
    )
    if filters.event_id is not None:
        statement = statement.where(NotificationRow.event_id == filters.event_id)
    if filters.family_id is not None:
        statement = statement.where(NotificationRow.family_id == filters.family_id)
    if filters.person_id is not None:
        statement = statement.where(NotificationRow.person_ids.contains([filters.person_id]))
    if filters.status is not None:
        statement = statement.where(NotificationRow.status == filters.status)
    if before is not None:
        place = tuple_(NotificationRow.created_at, NotificationRow.id)
        statement = statement.where(place < before)
    return (await session.execute(statement)).all()


def _within_reach() -> ColumnElement[bool]:
    district = current_actor().district
    if district is None:
        return true()
    return (
        select(ContactRow.person_id)
        .where(
            ContactRow.person_id == any_(NotificationRow.person_ids),
            or_(ContactRow.origin_district == district, ContactRow.residence_district == district),
        )
        .exists()
    )
