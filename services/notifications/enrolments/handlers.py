"""What happens when an enrolment is confirmed, waits, is promoted or cancelled."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.deliveries.domain import Notice
from services.notifications.deliveries.notices import (
    notify,
    remind_anew,
    supersede_of_enrolments,
)
from services.notifications.enrolments.queries import keep_newer
from shared.contracts.envelope import Message
from shared.contracts.registration import (
    EnrolmentCancelled,
    EnrolmentChanged,
    EnrolmentConfirmed,
    EnrolmentPromoted,
    EnrolmentWaitlisted,
    OfferEnded,
    SeatsOffered,
)
from shared.messaging.inbox import cause_of

Told = (
    EnrolmentConfirmed
    | EnrolmentWaitlisted
    | EnrolmentPromoted
    | EnrolmentChanged
    | EnrolmentCancelled
    | SeatsOffered
    | OfferEnded
)


async def confirm_enrolments(
    session: AsyncSession, messages: Sequence[Message[EnrolmentConfirmed]]
) -> None:
    """Tell families that they have seats."""
    newest = await _keep(session, messages, "confirmed")
    await notify(session, [_notice("confirmation", message) for message in newest])


async def put_on_waiting_list(
    session: AsyncSession, messages: Sequence[Message[EnrolmentWaitlisted]]
) -> None:
    """Tell families that they wait, and at which place."""
    newest = await _keep(session, messages, "waitlisted")
    await notify(session, [_notice("waiting", message) for message in newest])


async def promote_enrolments(
    session: AsyncSession, messages: Sequence[Message[EnrolmentPromoted]]
) -> None:
    """Tell families that they have seats now; what said that they wait is superseded."""
    newest = await _keep(session, messages, "confirmed")
    await supersede_of_enrolments(session, [message.data.enrolment_id for message in newest])
    await notify(session, [_notice("promotion", message) for message in newest])


async def offer_seats(session: AsyncSession, messages: Sequence[Message[SeatsOffered]]) -> None:
    """Tell families that seats are kept for them, and until when."""
    await _tell_anew(session, messages, "offer")


async def end_offers(session: AsyncSession, messages: Sequence[Message[OfferEnded]]) -> None:
    """Tell families that the seats that were kept for them went to others."""
    await _tell_anew(session, messages, "offer_ended")


async def _tell_anew(session: AsyncSession, messages: Sequence[Message[Any]], kind: str) -> None:
    newest = await _keep(session, messages, "waitlisted")
    await supersede_of_enrolments(session, [message.data.enrolment_id for message in newest])
    await notify(session, [_notice(kind, message) for message in newest])


async def change_enrolments(
    session: AsyncSession, messages: Sequence[Message[EnrolmentChanged]]
) -> None:
    """Keep who is meant now and remind them alone; nobody is told of the change itself."""
    newest = await _keep(session, messages)
    await remind_anew(session, [_notice("reminder", message) for message in newest])


async def cancel_enrolments(
    session: AsyncSession, messages: Sequence[Message[EnrolmentCancelled]]
) -> None:
    """Tell families that their seats are given up; the event's own end tells for itself."""
    newest = await _keep(session, messages, "cancelled")
    given_up = [message for message in newest if message.data.by != "event"]
    await supersede_of_enrolments(session, [message.data.enrolment_id for message in given_up])
    await notify(session, [_notice("cancelled", message) for message in given_up])


async def _keep(
    session: AsyncSession, messages: Sequence[Message[Any]], status: str | None = None
) -> list[Message[Any]]:
    newest: dict[UUID, Message[Any]] = {}
    for message in messages:
        known = newest.get(message.data.enrolment_id)
        if known is None or known.version < message.version:
            newest[message.data.enrolment_id] = message
    rows = [_row(message, status or message.data.status) for message in newest.values()]
    changed = await keep_newer(session, rows)
    return [message for id_, message in newest.items() if id_ in changed]


def _row(message: Message[Any], status: str) -> dict[str, Any]:
    enrolment: Told = message.data
    return {
        "id": enrolment.enrolment_id,
        "version": message.version,
        "event_id": enrolment.event_id,
        "family_id": enrolment.family_id,
        "person_ids": enrolment.person_ids,
        "status": status,
        "cancelled_by": getattr(enrolment, "by", None),
        "waiting_position": getattr(enrolment, "waiting_position", None),
    }


def _notice(kind: str, message: Message[Any]) -> Notice:
    enrolment: Told = message.data
    return Notice(
        kind=kind,
        enrolment_id=enrolment.enrolment_id,
        version=message.version,
        event_id=enrolment.event_id,
        family_id=enrolment.family_id,
        person_ids=tuple(enrolment.person_ids),
        seated=kind in {"confirmation", "promotion"}
        or getattr(enrolment, "status", None) == "confirmed",
        waiting_position=getattr(enrolment, "waiting_position", None),
        by=getattr(enrolment, "by", None) or getattr(enrolment, "reason", None),
        answer_by=getattr(enrolment, "expires_at", None),
        cause=cause_of(message),
    )
