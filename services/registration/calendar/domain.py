"""What the registration service knows of an event."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Status = Literal["published", "cancelled", "completed"]
Refusal = Literal["event-cancelled", "event-completed", "enrolment-closed"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a published event is."""

    title: dict[str, str]
    starts_at: datetime
    ends_at: datetime
    capacity: int
    enrolment_closes_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """An event and its state; without facts when only its end was heard of. Seats are people."""

    id: UUID
    status: Status
    capacity: int
    ends_at: datetime | None
    enrolment_closes_at: datetime | None

    def refuses_enrolment(self, now: datetime) -> Refusal | None:
        """Tell why nobody may enrol any more; None while they may."""
        if self.status == "cancelled":
            return "event-cancelled"
        if self.status == "completed":
            return "event-completed"
        if self.enrolment_closes_at is None or now >= self.enrolment_closes_at:
            return "enrolment-closed"
        return None

    def promotes(self, now: datetime) -> bool:
        """Tell whether freed seats still help someone: until the event has ended."""
        return self.status == "published" and self.ends_at is not None and now < self.ends_at
