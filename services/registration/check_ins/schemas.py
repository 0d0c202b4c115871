"""HTTP bodies of check-ins."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
)

from services.registration.check_ins import domain
from shared.moments import Moment
from shared.text import Storable


def _unique(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) != len(ids):
        raise ValueError("must not name a person twice")
    return ids


class NewCheckIn(BaseModel):
    """Who of a family arrived; the nonce is made by the desk, once for each check-in."""

    model_config = ConfigDict(extra="forbid")

    ticket: Annotated[str, StringConstraints(min_length=1, max_length=100), Storable]
    person_ids: Annotated[list[UUID], Field(min_length=1, max_length=30), AfterValidator(_unique)]
    nonce: Annotated[str, StringConstraints(min_length=1, max_length=100), Storable]
    at: Moment


class CheckIn(BaseModel):
    """A recorded check-in; `attended` are all of the enrolment who were there by then."""

    nonce: str
    enrolment_id: UUID
    event_id: UUID
    family_id: UUID
    person_ids: list[UUID]
    at: datetime
    attended: list[UUID]

    @classmethod
    def of(cls, check_in: domain.CheckIn) -> Self:
        """Make it of an entity."""
        return cls(
            nonce=check_in.nonce,
            enrolment_id=check_in.enrolment_id,
            event_id=check_in.event_id,
            family_id=check_in.family_id,
            person_ids=list(check_in.person_ids),
            at=check_in.at,
            attended=list(check_in.attended),
        )
