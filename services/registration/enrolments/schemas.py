"""HTTP bodies of enrolments."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.registration.enrolments import domain
from services.registration.enrolments.domain import CancelledBy, Status


def _unique(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) != len(ids):
        raise ValueError("must not name a person twice")
    return ids


PersonIds = Annotated[list[UUID], Field(min_length=1, max_length=30), AfterValidator(_unique)]


class NewEnrolment(BaseModel):
    """A family, or some of its members, to enrol in an event."""

    model_config = ConfigDict(extra="forbid")

    event_id: UUID
    family_id: UUID
    person_ids: PersonIds | None = Field(None, description="Left out: every member.")


class Cancellation(BaseModel):
    """Who gives the seats up."""

    model_config = ConfigDict(extra="forbid")

    by: Literal["family", "staff"] = "family"


class Offer(BaseModel):
    """Seats that are kept for a family that waits, until it accepts them or this moment."""

    expires_at: datetime


class Enrolment(BaseModel):
    """Seats of a family at one event, or its place in the waiting list (from 1).

    `offer_missed`: it let an offer pass, and is asked again when seats become free the next time.
    """

    id: UUID
    event_id: UUID
    family_id: UUID
    person_ids: list[UUID]
    seats: int
    status: Status
    waiting_position: int | None
    ticket: str
    version: int
    created_at: datetime
    cancelled_by: CancelledBy | None
    offer: Offer | None
    offer_missed: bool

    @classmethod
    def of(cls, enrolment: domain.Enrolment) -> "Enrolment":
        """Make it of an entity."""
        return Enrolment.model_construct(
            **{
                name: getattr(enrolment, name)
                for name in Enrolment.model_fields
                if name not in {"person_ids", "offer"}
            },
            person_ids=list(enrolment.person_ids),
            offer=_offer(enrolment.offer_expires_at),
        )


def _offer(expires_at: datetime | None) -> Offer | None:
    return None if expires_at is None else Offer(expires_at=expires_at)
