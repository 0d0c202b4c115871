"""Turning an event into the contracts that tell of it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.events.planning.tables import EventRow
from shared.contracts import events as contracts
from shared.contracts.base import Contract
from shared.messaging.outbox import Outgoing, tell


async def tell_published(session: AsyncSession, event: EventRow) -> None:
    """Tell that an event is open to its audience."""
    await _tell(session, event, contracts.EventPublished(**_facts(event)))


async def tell_updated(
    session: AsyncSession, event: EventRow, reason: Mapping[str, str] | None
) -> None:
    """Tell what an event is like now, its time unchanged."""
    contract = contracts.EventUpdated(**_facts(event), reason=_words(reason))
    await _tell(session, event, contract)


async def tell_rescheduled(
    session: AsyncSession, event: EventRow, reason: Mapping[str, str]
) -> None:
    """Tell that an event moved."""
    words = contracts.Words(**reason)
    await _tell(session, event, contracts.EventRescheduled(**_facts(event), reason=words))


async def tell_cancelled(session: AsyncSession, event: EventRow, reason: Mapping[str, str]) -> None:
    """Tell that an event will not be held."""
    words = contracts.Words(**reason)
    await _tell(session, event, contracts.EventCancelled(event_id=event.id, reason=words))


async def tell_completed(
    session: AsyncSession, event: EventRow, reason: Mapping[str, str] | None
) -> None:
    """Tell that an event was held."""
    contract = contracts.EventCompleted(event_id=event.id, reason=_words(reason))
    await _tell(session, event, contract)


async def _tell(session: AsyncSession, event: EventRow, contract: Contract) -> None:
    await tell(session, Outgoing(contract, event.id, event.version))


def _words(words: Mapping[str, str] | None) -> contracts.Words | None:
    return contracts.Words(**words) if words else None


def _facts(event: EventRow) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "kind": event.kind,
        "title": contracts.Words(**event.title),
        "summary": contracts.Words(**event.summary),
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "venue": contracts.Venue(**event.venue),
        "capacity": event.capacity,
        "audience": contracts.Audience(**event.audience),
        "enrolment_closes_at": event.enrolment_closes_at,
        "seating": contracts.Seating(**event.seating),
    }
