"""What the registration service knows of an event."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

Status = Literal["published", "cancelled", "completed"]
Rule = Literal["best_fit", "strict_order"]
Refusal = Literal["event-cancelled", "event-completed", "enrolment-closed"]

LEAST_OFFER = timedelta(hours=1)
"""An offer that leaves less time to answer is none: the seats are given at once."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a published event is."""

    title: dict[str, str]
    venue: dict[str, str]
    starts_at: datetime
    ends_at: datetime
    capacity: int
    enrolment_closes_at: datetime
    rule: Rule = "best_fit"
    offer_hours: int | None = None
    district_caps: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """An event and its state; without facts when only its end was heard of. Seats are people."""

    id: UUID
    status: Status
    capacity: int
    ends_at: datetime | None
    enrolment_closes_at: datetime | None
    rule: Rule = "best_fit"
    offer_hours: int | None = None
    district_caps: Mapping[str, int] = field(default_factory=dict)

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

    def offer_until(self, now: datetime) -> datetime | None:
        """Tell until when seats that are offered now are kept; None where they are given at once.

        An offer ends before enrolment does, so also before the event begins. When enrolment is
        closed, or less than `LEAST_OFFER` is left, nobody is asked any more.
        """
        closes_at = self.enrolment_closes_at
        if self.offer_hours is None or closes_at is None or closes_at - now < LEAST_OFFER:
            return None
        return min(now + timedelta(hours=self.offer_hours), closes_at)
