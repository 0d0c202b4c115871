"""Turning notices into pending notifications, one a phone; what cannot be told yet is owed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.calendar.queries import events_by_id
from services.notifications.calendar.tables import EventRow
from services.notifications.contacts.queries import Contact, contacts_of
from services.notifications.deliveries import queries
from services.notifications.deliveries.domain import Notice, Recipient, recipients
from shared.ids import new_id
from shared.tracing import current_cause

REMIND_BEFORE = timedelta(hours=24)

_SUPERSEDED_BY_END = (
    "invitation",
    "confirmation",
    "waiting",
    "offer",
    "offer_ended",
    "promotion",
    "reminder",
    "rescheduled",
)
_SUPERSEDED_BY_CHANGE = tuple(kind for kind in _SUPERSEDED_BY_END if kind != "invitation")


async def notify(session: AsyncSession, notices: Sequence[Notice]) -> None:
    """Make the pending notifications of notices; those whose facts are not known yet are owed."""
    if not notices:
        return
    events = await events_by_id(session, (notice.event_id for notice in notices))
    contacts = await contacts_of(
        session,
        persons=(person for notice in notices for person in notice.person_ids),
        families=(notice.family_id for notice in notices),
    )
    families = _by_family(contacts)
    told: list[dict[str, Any]] = []
    owed: list[Notice] = []
    for notice in notices:
        event = events.get(notice.event_id)
        if event is None or any(person not in contacts for person in notice.person_ids):
            owed.append(notice)
            continue
        persons = [contacts[person] for person in notice.person_ids]
        addresses = recipients(persons, families.get(notice.family_id, []))
        told.extend(_rows(notice, event, addresses))
    await queries.insert_notifications(session, told)
    await queries.insert_owed(session, owed)


async def remind_anew(session: AsyncSession, notices: Sequence[Notice]) -> None:
    """Plan the reminders of enrolments again, for whoever is meant now."""
    await queries.drop_reminders(session, [notice.enrolment_id for notice in notices])
    await notify(session, notices)


async def tell_owed(session: AsyncSession, limit: int) -> int:
    """Tell what was owed and can be told by now; return how many notices that were."""
    notices = await queries.take_tellable(session, limit)
    await notify(session, notices)
    return len(notices)


async def owe_moves(session: AsyncSession, event: EventRow) -> None:
    """Owe everyone who is enrolled the new time of an event.

    What was to be said of its earlier times is given up, told or still owed: texts are rendered
    when they leave, so two of them would say the same.
    """
    await queries.supersede(session, ("reminder", "rescheduled"), event_id=event.id)
    await queries.drop_owed_moves(session, event.id)
    await queries.owe_everyone(
        session, event.id, kind="rescheduled", version=event.facts_version, cause=current_cause()
    )


async def owe_cancellations(session: AsyncSession, event: EventRow) -> None:
    """Owe everyone who was enrolled until the event was cancelled the word that it will not be."""
    await queries.owe_everyone(
        session, event.id, kind="cancelled", version=event.status_version, cause=current_cause()
    )


async def supersede_of_event(session: AsyncSession, event_id: UUID) -> None:
    """Give up what was still to be said of an event that is over."""
    await queries.supersede(session, _SUPERSEDED_BY_END, event_id=event_id)


async def supersede_of_enrolments(session: AsyncSession, enrolments: Sequence[UUID]) -> None:
    """Give up what was still to be said of enrolments that changed."""
    if enrolments:
        await queries.supersede(session, _SUPERSEDED_BY_CHANGE, enrolment_ids=enrolments)
        await queries.drop_owed(session, enrolments)


def _by_family(contacts: dict[UUID, Contact]) -> dict[UUID, list[Contact]]:
    families: dict[UUID, list[Contact]] = {}
    for contact in contacts.values():
        if contact.family_id is not None:
            families.setdefault(contact.family_id, []).append(contact)
    return families


def _rows(notice: Notice, event: EventRow, addresses: list[Recipient]) -> list[dict[str, Any]]:
    if event.status == "completed" or (
        event.status == "cancelled" and notice.kind in {"rescheduled", "reminder"}
    ):
        return []
    if event.status == "cancelled" and notice.kind != "cancelled":
        return _event_cancelled(notice, event, addresses)
    now = queries.utc_now()
    at_once = [] if notice.kind == "reminder" else addresses
    rows = [_row(notice, to, due_at=now) for to in at_once]
    remind_at = event.starts_at - REMIND_BEFORE if event.starts_at else now
    if notice.seated and remind_at > now:
        rows += [
            _row(notice, to, kind="reminder", due_at=remind_at, version=event.facts_version)
            for to in addresses
        ]
    return rows


def _event_cancelled(
    notice: Notice, event: EventRow, addresses: list[Recipient]
) -> list[dict[str, Any]]:
    # The enrolment was made before the cancellation but reached us after it.
    now = queries.utc_now()
    return [
        _row(notice, to, kind="cancelled", due_at=now, version=event.status_version, by="event")
        for to in addresses
    ]


def _row(notice: Notice, to: Recipient, *, due_at: datetime, **other: Any) -> dict[str, Any]:
    kind = other.get("kind", notice.kind)
    held = "held" if kind == "reminder" else "pending"
    return {
        "id": new_id(),
        "kind": kind,
        "enrolment_id": notice.enrolment_id,
        "version": other.get("version", notice.version),
        "event_id": notice.event_id,
        "family_id": notice.family_id,
        "person_ids": to.person_ids,
        "names": to.names,
        "channel": to.channel,
        "address": to.address,
        "language": to.language,
        "waiting_position": notice.waiting_position,
        "by": other.get("by", notice.by),
        "answer_by": notice.answer_by,
        "status": held if to.may_notify else "suppressed",
        "attempts": 0,
        "due_at": due_at,
        "correlation_id": notice.cause.correlation_id,
        "causation_id": notice.cause.causation_id,
        "traceparent": notice.cause.traceparent,
    }
