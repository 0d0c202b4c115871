"""HTTP bodies of tickets."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.registration.enrolments.domain import Status
from services.registration.tickets import handlers
from services.registration.tickets.domain import Cause
from shared.text import Line


class Holder(BaseModel):
    """A person the ticket is for."""

    person_id: UUID
    name: str


class Ticket(BaseModel):
    """An enrolment's ticket: `token` for the QR code, `code` for typing."""

    enrolment_id: UUID
    event_id: UUID
    status: Status
    token: str | None = Field(
        description="For the QR code: `Q1.` and 175 letters, signed, without personal data. "
        "Null when the enrolment is cancelled."
    )
    code: str = Field(description="The enrolment's `ticket`: 26 letters, for typing.")
    serial: int = Field(description="Grows with each reissue, from 1.")
    seats: int
    issued_at: datetime
    who: list[Holder]

    @classmethod
    def of(cls, issued: handlers.Issued) -> "Ticket":
        """Make it of an entity."""
        return cls(
            enrolment_id=issued.enrolment.id,
            event_id=issued.enrolment.event_id,
            status=issued.enrolment.status,
            token=issued.token,
            code=issued.enrolment.ticket,
            serial=issued.ticket.serial,
            seats=issued.ticket.seats,
            issued_at=issued.ticket.issued_at,
            who=[Holder(person_id=each.person_id, name=each.name) for each in issued.who],
        )


class Reissue(BaseModel):
    """Why another ticket is made."""

    model_config = ConfigDict(extra="forbid")

    reason: Line


class KeySet(BaseModel):
    """A JWK Set (RFC 7517)."""

    keys: list[dict[str, Any]]


class Revoked(BaseModel):
    """A ticket that counts no longer."""

    enrolment_id: UUID
    serial: int
    cause: Cause
    at: datetime
    version: int


class Revocations(BaseModel):
    """An event's revoked tickets behind `since`; `more` says to ask again since `version`."""

    event_id: UUID
    since: int
    version: int
    more: bool
    revoked: list[Revoked]
    signed: str = Field(
        description="The same as a compact JWS (RFC 7515), verified by /v1/tickets/keys."
    )

    @classmethod
    def of(cls, found: handlers.Revocations) -> "Revocations":
        """Make it of an entity."""
        return cls(
            event_id=found.event_id,
            since=found.since,
            version=found.version,
            more=found.more,
            signed=found.signed,
            revoked=[
                Revoked(**{name: getattr(each, name) for name in Revoked.model_fields})
                for each in found.revoked
            ],
        )
