"""What happens when an event is published, changed, moved, cancelled or completed."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.calendar.queries import lock_event
from services.notifications.calendar.tables import EventRow
from services.notifications.deliveries.invitations import close_audience, invite_audience
from services.notifications.deliveries.notices import (
    owe_cancellations,
    owe_moves,
    supersede_of_event,
)
from shared.contracts.envelope import Message
from shared.contracts.events import (
    EventCancelled,
    EventCompleted,
    EventPublished,
    EventRescheduled,
    EventUpdated,
)


async def publish_event(session: AsyncSession, message: Message[EventPublished]) -> None:
    """Learn an event and invite its audience, unless it is known to be over already."""
    event = await lock_event(session, message.data.event_id)
    await _learn(session, event, message, reason=None)
    if event.published_at is not None or event.status != "published":
        return
    event.published_at = message.envelope.time
    await session.flush()
    await close_audience(session)
    await invite_audience(session, event.id)


async def change_event(
    session: AsyncSession, message: Message[EventUpdated] | Message[EventRescheduled]
) -> None:
    """Learn an event's new facts; who is enrolled is told when its time is another."""
    event = await lock_event(session, message.data.event_id)
    reason = message.data.reason.model_dump() if message.data.reason else None
    await _learn(session, event, message, reason=reason)


async def cancel_event(session: AsyncSession, message: Message[EventCancelled]) -> None:
    """Learn that an event will not be held; who is enrolled is told, all else is superseded."""
    event = await lock_event(session, message.data.event_id)
    if not _end(event, "cancelled", message.version):
        return
    event.end_reason = message.data.reason.model_dump()
    await session.flush()
    await supersede_of_event(session, event.id)
    await owe_cancellations(session, event)


async def complete_event(session: AsyncSession, message: Message[EventCompleted]) -> None:
    """Learn that an event was held: what was still to be said of it is superseded."""
    event = await lock_event(session, message.data.event_id)
    if _end(event, "completed", message.version):
        await session.flush()
        await supersede_of_event(session, event.id)


async def _learn(
    session: AsyncSession,
    event: EventRow,
    message: Message[EventPublished] | Message[EventUpdated] | Message[EventRescheduled],
    *,
    reason: dict[str, str] | None,
) -> None:
    if message.version <= event.facts_version:
        return
    facts = message.data
    moved = event.starts_at is not None and event.starts_at != facts.starts_at
    event.facts_version = message.version
    event.title = facts.title.model_dump()
    event.venue = facts.venue.model_dump()
    event.audience = facts.audience.model_dump()
    event.starts_at = facts.starts_at
    event.ends_at = facts.ends_at
    event.enrolment_closes_at = facts.enrolment_closes_at
    if event.status_version < message.version:
        event.status, event.status_version = "published", message.version
    if moved:
        event.move_reason = reason
    await session.flush()
    if moved and event.status == "published":
        await owe_moves(session, event)


def _end(event: EventRow, status: str, version: int) -> bool:
    if version <= event.status_version:
        return False
    event.status, event.status_version = status, version
    return True
