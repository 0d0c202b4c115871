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

from services.registration.check_ins import domain, handlers
from services.registration.check_ins.domain import Reason
from services.registration.check_ins.handlers import Result
from shared.moments import Moment
from shared.text import Storable

MOST_AT_ONCE = 500


def _unique(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) != len(ids):
        raise ValueError("must not name a person twice")
    return ids


Nonce = Annotated[str, StringConstraints(min_length=1, max_length=100), Storable]
PersonIds = Annotated[list[UUID], Field(min_length=1, max_length=30), AfterValidator(_unique)]


class Arrival(BaseModel):
    """Who of a family arrived; the nonce is made by the desk, once for each check-in.

    `ticket` is the short code, or the signed token of the QR code.
    """

    model_config = ConfigDict(extra="forbid")

    ticket: Annotated[str, StringConstraints(min_length=1, max_length=300), Storable]
    person_ids: PersonIds
    nonce: Nonce
    at: Moment

    def to_domain(self) -> domain.Arrival:
        """The same as an entity."""
        return domain.Arrival(self.ticket, tuple(self.person_ids), self.nonce, self.at)


class NewCheckIn(Arrival):
    """Who of a family arrived, and optionally at which event's desk."""

    event_id: UUID | None = Field(None, description="Refuses a ticket of another event.")


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


def _different(arrivals: list[Arrival]) -> list[Arrival]:
    if len({each.nonce for each in arrivals}) != len(arrivals):
        raise ValueError("must not hold a nonce twice")
    return arrivals


class Batch(BaseModel):
    """What a desk did without the network."""

    model_config = ConfigDict(extra="forbid")

    desk: Annotated[str, StringConstraints(min_length=1, max_length=64), Storable] = Field(
        description="Names the device, for as long as it is used."
    )
    event_id: UUID | None = Field(
        None, description="The event of the desk: a ticket of another one is a conflict."
    )
    check_ins: Annotated[
        list[Arrival], Field(min_length=1, max_length=MOST_AT_ONCE), AfterValidator(_different)
    ]


class Synced(BaseModel):
    """What became of one check-in.

    `recorded`: its persons count. `known`: they did before, by this nonce or this desk.
    `conflict`: the persons in `conflicting` wait for a decision, those in `recorded` count.
    """

    nonce: str
    result: Result
    recorded: list[UUID]
    conflicting: list[UUID]
    reason: Reason | None
    conflict_id: UUID | None

    @classmethod
    def of(cls, synced: handlers.Synced) -> Self:
        """Make it of an entity."""
        conflict = synced.conflict
        return cls(
            nonce=synced.nonce,
            result=synced.result,
            recorded=list(synced.recorded),
            conflicting=[] if conflict is None else list(conflict.person_ids),
            reason=None if conflict is None else conflict.reason,
            conflict_id=None if conflict is None else conflict.id,
        )


class SyncedBatch(BaseModel):
    """What became of each check-in of a batch, in its order."""

    items: list[Synced]
