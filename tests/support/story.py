"""One person, one event and one enrolment that only messages made by hand tell of."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from shared.contracts.base import Contract
from shared.contracts.envelope import Envelope, Message
from shared.contracts.events import (
    Audience,
    EventCancelled,
    EventPublished,
    EventRescheduled,
    Venue,
    Words,
)
from shared.contracts.registration import (
    ContactChanged,
    EnrolmentConfirmed,
    EnrolmentPromoted,
    EnrolmentWaitlisted,
    OfferEnded,
    SeatsOffered,
)
from shared.ids import new_id
from tests.support import bodies

T = TypeVar("T", bound=Contract)


@dataclass
class Story:
    """Whom and what the messages are about; unlike any other test's."""

    at: bodies.Place = field(default_factory=bodies.place)
    phone: str = field(default_factory=bodies.phone)
    person: UUID = field(default_factory=new_id)
    family: UUID = field(default_factory=new_id)
    event: UUID = field(default_factory=new_id)
    enrolment: UUID = field(default_factory=new_id)
    starts_at: datetime = datetime(2030, 5, 1, 6, tzinfo=UTC)

    def contact(self, phone: str | None = None) -> ContactChanged:
        """How to reach the person."""
        return ContactChanged(
            person_id=self.person,
            family_id=self.family,
            given_name="Aytən",
            family_name="Quliyeva",
            phone=phone or self.phone,
            email=None,
            language="az",
            origin_district=self.at.origin,
            residence_district=self.at.residence,
            may_notify=True,
        )

    def published(self, capacity: int = 60) -> EventPublished:
        """The event is open."""
        return EventPublished(**self._facts(capacity))

    def rescheduled(self, starts_at: datetime) -> EventRescheduled:
        """The event moved."""
        return EventRescheduled(
            **{
                **self._facts(60),
                "starts_at": starts_at,
                "ends_at": starts_at + timedelta(hours=2),
            },
            reason=Words(az="s", en="r", ru="п"),
        )

    def cancelled(self) -> EventCancelled:
        """The event will not be held."""
        return EventCancelled(event_id=self.event, reason=Words(az="s", en="r", ru="п"))

    def confirmed(self) -> EnrolmentConfirmed:
        """The person has a seat."""
        return EnrolmentConfirmed(**self._enrolment())

    def waitlisted(self) -> EnrolmentWaitlisted:
        """The person waits."""
        return EnrolmentWaitlisted(**self._enrolment(), waiting_position=1)

    def promoted(self) -> EnrolmentPromoted:
        """The person waited and has a seat."""
        return EnrolmentPromoted(**self._enrolment())

    def offered(self, expires_at: datetime) -> SeatsOffered:
        """A seat is kept for the person."""
        return SeatsOffered(**self._enrolment(), expires_at=expires_at)

    def offer_ended(self) -> OfferEnded:
        """The person did not answer in time."""
        return OfferEnded(**self._enrolment(), reason="expired")

    def _enrolment(self) -> dict[str, Any]:
        return {
            "enrolment_id": self.enrolment,
            "event_id": self.event,
            "family_id": self.family,
            "person_ids": [self.person],
            "seats": 1,
            "origin_district": self.at.origin,
        }

    def _facts(self, capacity: int) -> dict[str, Any]:
        return {
            "event_id": self.event,
            "kind": "seminar",
            "title": Words(az="Seminar", en="Seminar", ru="Семинар"),
            "summary": Words(az="s", en="s", ru="с"),
            "starts_at": self.starts_at,
            "ends_at": self.starts_at + timedelta(hours=2),
            "venue": Venue(name="Ev", district="AZ-BAR", address="Nizami 1"),
            "capacity": capacity,
            "audience": Audience(origins=[self.at.origin], residences=[self.at.residence]),
            "enrolment_closes_at": self.starts_at - timedelta(days=1),
        }


def envelope(contract: T, subject: UUID, version: int, later: float = 0) -> Message[T]:
    """Make a message as it was received."""
    time = datetime.now(UTC) + timedelta(seconds=later)
    context = Envelope(
        specversion="1.0",
        id=new_id(),
        source="/tests",
        type=contract.type(),
        subject=str(subject),
        time=time,
        subjectversion=version,
        data={},
    )
    return Message(context, contract)
