"""What the events service tells."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.base import Contract


class Words(BaseModel):
    """One text in the three languages."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    az: str
    en: str
    ru: str


class Venue(BaseModel):
    """Where an event is held."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    district: str
    address: str


class Audience(BaseModel):
    """Whom an event is for, by ISO 3166-2 district; an empty list means any."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    origins: list[str]
    residences: list[str]


class Seating(BaseModel):
    """The rule by which seats are given, published with the event.

    Under `strict_order` nobody passes the family that waits longest, under `best_fit` a smaller
    one may where the larger does not fit. With `offer_hours` freed seats are offered and kept for
    so long. `district_caps` are the most people from a district of origin.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    rule: Literal["best_fit", "strict_order"]
    offer_hours: int | None
    district_caps: dict[str, int]


class EventPublished(Contract):
    """An event is open to its audience."""

    routing_key: ClassVar[str] = "events.event_published.v1"

    event_id: UUID
    kind: str
    title: Words
    summary: Words
    starts_at: datetime
    ends_at: datetime
    venue: Venue
    capacity: int
    audience: Audience
    enrolment_closes_at: datetime
    seating: Seating | None = None


class EventUpdated(EventPublished):
    """Something of a published event changed, but not its time."""

    routing_key: ClassVar[str] = "events.event_updated.v1"

    reason: Words | None


class EventRescheduled(EventPublished):
    """A published event moved to another time."""

    routing_key: ClassVar[str] = "events.event_rescheduled.v1"

    reason: Words


class EventCancelled(Contract):
    """A published event will not be held."""

    routing_key: ClassVar[str] = "events.event_cancelled.v1"

    event_id: UUID
    reason: Words


class EventCompleted(Contract):
    """An event was held."""

    routing_key: ClassVar[str] = "events.event_completed.v1"

    event_id: UUID
    reason: Words | None


CONTRACTS: tuple[type[Contract], ...] = (
    EventPublished,
    EventUpdated,
    EventRescheduled,
    EventCancelled,
    EventCompleted,
)
