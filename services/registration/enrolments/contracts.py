"""What is told of enrolments."""

from typing import Any

from services.registration.enrolments.domain import CancelledBy, Enrolment, OfferEnd
from shared.contracts import registration as told
from shared.messaging.outbox import Outgoing


def enrolled(enrolment: Enrolment) -> Outgoing:
    """What is told of a new enrolment: seats, or a place in the waiting list."""
    data: told.EnrolmentConfirmed | told.EnrolmentWaitlisted
    if enrolment.waiting_position is None:
        data = told.EnrolmentConfirmed(**_facts(enrolment))
    else:
        data = told.EnrolmentWaitlisted(
            **_facts(enrolment), waiting_position=enrolment.waiting_position
        )
    return Outgoing(data, enrolment.id, enrolment.version)


def promoted(enrolment: Enrolment) -> Outgoing:
    """What is told when a family that waited has seats."""
    data = told.EnrolmentPromoted(**_facts(enrolment))
    return Outgoing(data, enrolment.id, enrolment.version)


def changed(enrolment: Enrolment) -> Outgoing:
    """What is told when other persons than before are meant by an enrolment."""
    data = told.EnrolmentChanged(**_facts(enrolment), status=enrolment.status)
    return Outgoing(data, enrolment.id, enrolment.version)


def rewritten(before: Enrolment, after: Enrolment) -> Outgoing:
    """What is told when two registrations of people became one, or two again."""
    if after.status == "cancelled":
        return cancelled(after, "staff")
    return changed(after) if before.status == after.status else enrolled(after)


def offered(enrolment: Enrolment) -> Outgoing:
    """What is told when seats are kept for a family that waits, or for less long than before."""
    data = told.SeatsOffered(**_facts(enrolment), expires_at=enrolment.offer_expires_at)
    return Outgoing(data, enrolment.id, enrolment.version)


def offer_ended(enrolment: Enrolment, reason: OfferEnd) -> Outgoing:
    """What is told when a family did not take what was offered to it."""
    data = told.OfferEnded(**_facts(enrolment), reason=reason)
    return Outgoing(data, enrolment.id, enrolment.version)


def cancelled(enrolment: Enrolment, by: CancelledBy) -> Outgoing:
    """What is told when seats or a place in the waiting list are given up."""
    data = told.EnrolmentCancelled(**_facts(enrolment), by=by)
    return Outgoing(data, enrolment.id, enrolment.version)


def _facts(enrolment: Enrolment) -> dict[str, Any]:
    return {
        "enrolment_id": enrolment.id,
        "event_id": enrolment.event_id,
        "family_id": enrolment.family_id,
        "person_ids": list(enrolment.person_ids),
        "seats": enrolment.seats,
        "origin_district": enrolment.origin_district,
    }
