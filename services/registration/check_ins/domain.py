"""Check-ins: the proof that a person was there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.registration.enrolments.domain import Enrolment
from services.registration.tickets.domain import Fault

Reason = (
    Fault
    | Literal[
        "ticket-unknown",
        "ticket-revoked",
        "ticket-of-another-event",
        "event-cancelled",
        "enrolment-cancelled",
        "enrolment-waitlisted",
        "not-enrolled",
        "nonce-used",
        "already-checked-in",
    ]
)
"""Why a check-in is not recorded as it came."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a desk tells: who of a ticket arrived, when by its own clock; the nonce is its own."""

    ticket: str
    person_ids: tuple[UUID, ...]
    nonce: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One call from the desk; `attended` are all of the enrolment who were there by then."""

    nonce: str
    enrolment_id: UUID
    event_id: UUID
    family_id: UUID
    person_ids: tuple[UUID, ...]
    at: datetime
    attended: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Attendance:
    """That a person was there, and which check-in, of which desk, said so first."""

    nonce: str | None
    desk: str | None


def refuse(enrolment: Enrolment, is_revoked: bool, event_id: UUID | None) -> Reason | None:
    """Tell why a ticket lets nobody in, at the desk of an event; None when it does."""
    if event_id is not None and enrolment.event_id != event_id:
        return "ticket-of-another-event"
    if enrolment.cancelled_by == "event":
        return "event-cancelled"
    if enrolment.status == "cancelled":
        return "enrolment-cancelled"
    if is_revoked:
        return "ticket-revoked"
    if enrolment.status != "confirmed":
        return "enrolment-waitlisted"
    return None


def without_seat(enrolled: Sequence[UUID], persons: Sequence[UUID]) -> tuple[UUID, ...]:
    """Name the persons who have no seat by a ticket."""
    return tuple(person_id for person_id in persons if person_id not in enrolled)


def seen_elsewhere(
    persons: Sequence[UUID], attendance: Mapping[UUID, Attendance], nonce: str, desk: str
) -> tuple[UUID, ...]:
    """Name the persons whom another desk, or a call with the network there, recorded before."""
    return tuple(
        person_id
        for person_id in persons
        if (seen := attendance.get(person_id)) is not None
        and seen.nonce != nonce
        and seen.desk != desk
    )
