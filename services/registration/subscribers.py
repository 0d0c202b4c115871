"""Queue in: what other services tell, each message handed to one handler."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.calendar.domain import Facts
from services.registration.enrolments import event_changes
from services.registration.erasures import handlers as erasures
from services.registration.families import handlers as families
from shared.contracts.base import Contract
from shared.contracts.envelope import Message
from shared.contracts.events import (
    EventCancelled,
    EventCompleted,
    EventPublished,
    EventRescheduled,
    EventUpdated,
)
from shared.contracts.notifications import ContactErasureConfirmed, ContactUnreachable
from shared.messaging.inbox import Handler, Handlers, one_by_one
from shared.messaging.topology import Queue


async def on_event_published(session: AsyncSession, message: Message[EventPublished]) -> None:
    """An event is open, or something of it changed."""
    event = message.data
    seating = event.seating
    facts = Facts(
        title=event.title.model_dump(),
        venue=event.venue.model_dump(),
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        capacity=event.capacity,
        enrolment_closes_at=event.enrolment_closes_at,
        rule=seating.rule if seating else "best_fit",
        offer_hours=seating.offer_hours if seating else None,
        district_caps=seating.district_caps if seating else {},
    )
    await event_changes.follow_event(session, event.event_id, message.version, facts)


async def on_event_cancelled(session: AsyncSession, message: Message[EventCancelled]) -> None:
    """An event will not be held."""
    await event_changes.cancel_event(session, message.data.event_id, message.version)


async def on_event_completed(session: AsyncSession, message: Message[EventCompleted]) -> None:
    """An event was held."""
    await event_changes.complete_event(session, message.data.event_id, message.version)


async def on_contact_unreachable(
    session: AsyncSession, message: Message[ContactUnreachable]
) -> None:
    """A provider said for good that an address leads nowhere."""
    contact = message.data
    await families.note_unreachable(
        session, contact.person_id, contact.channel, contact.reason, message.version
    )


async def on_contact_erasure_confirmed(
    session: AsyncSession, message: Message[ContactErasureConfirmed]
) -> None:
    """Notifications has nothing of an erased person any more."""
    confirmed = message.data
    await erasures.confirm(
        session, confirmed.erasure_id, confirmed.person_id, message.envelope.time
    )


def _by_subject(handler: Callable[[AsyncSession, Message[Any]], Awaitable[None]]) -> Handler:
    """Handle a group in the order of its subjects, so that rows are locked in one order."""
    handle_each = one_by_one(handler)

    async def handle(session: AsyncSession, messages: Sequence[Message[Any]]) -> None:
        ordered = sorted(messages, key=lambda each: (each.envelope.subject, each.version))
        await handle_each(session, ordered)

    return handle


ON_EVENTS: Handlers = {
    EventPublished: _by_subject(on_event_published),
    EventUpdated: _by_subject(on_event_published),
    EventRescheduled: _by_subject(on_event_published),
    EventCancelled: _by_subject(on_event_cancelled),
    EventCompleted: _by_subject(on_event_completed),
}

ON_CONTACTS: Handlers = {
    ContactUnreachable: _by_subject(on_contact_unreachable),
    ContactErasureConfirmed: _by_subject(on_contact_erasure_confirmed),
}


def _queue(name: str, handlers: Handlers) -> Queue:
    contracts: tuple[type[Contract], ...] = tuple(handlers)
    return Queue(name, contracts)


EVENTS = _queue("registration.events", ON_EVENTS)
CONTACTS = _queue("registration.contacts", ON_CONTACTS)

QUEUES = (EVENTS, CONTACTS)
"""What this service reads, for whoever declares the topology."""
