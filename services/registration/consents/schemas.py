"""HTTP bodies of consents."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from services.registration.consents import domain
from services.registration.consents.domain import Channel, Kind
from services.registration.families.domain import Basis, Purpose, Relation
from services.registration.families.fields import PastDate, iso_date
from shared.text import Line

LAST_DAY = date(2100, 1, 1)


def _bounded(value: date) -> date:
    if value >= LAST_DAY:
        raise ValueError("must be before 2100")
    return value


LaterDate = Annotated[date, BeforeValidator(iso_date), AfterValidator(_bounded)]


class NewConsent(BaseModel):
    """What a family allows: one purpose, on which basis, by whom, until when, and how it was said.

    Without `valid_until` it holds until it is withdrawn.
    """

    model_config = ConfigDict(extra="forbid")

    purpose: Purpose
    basis: Basis
    given_by: Relation
    given_on: PastDate
    valid_until: LaterDate | None = None
    channel: Channel = "desk"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_until is not None and self.valid_until < self.given_on:
            raise ValueError("valid_until must not be before given_on")
        return self

    def to_domain(self) -> domain.Decision:
        """The same as an entity."""
        return domain.Decision(
            purpose=self.purpose,
            kind="given",
            basis=self.basis,
            given_by=self.given_by,
            decided_on=self.given_on,
            valid_until=self.valid_until,
            channel=self.channel,
        )


class Withdrawal(BaseModel):
    """Why, and how it was said."""

    model_config = ConfigDict(extra="forbid")

    reason: Line
    channel: Channel = "desk"


class Consent(BaseModel):
    """One decision; `holds` says whether the purpose is allowed by it today."""

    id: UUID
    receipt: str
    family_id: UUID
    purpose: Purpose
    kind: Kind
    basis: Basis
    given_by: Relation | None
    decided_on: date
    valid_until: date | None
    channel: Channel
    reason: str | None
    wording: int
    recorded_at: datetime
    recorded_by: str
    holds: bool

    @classmethod
    def of(cls, recorded: domain.Recorded, today: date) -> "Consent":
        """Make it of an entity."""
        decision = recorded.decision
        return cls(
            id=recorded.id,
            receipt=recorded.receipt,
            family_id=recorded.family_id,
            purpose=decision.purpose,
            kind=decision.kind,
            basis=decision.basis,
            given_by=decision.given_by,
            decided_on=decision.decided_on,
            valid_until=decision.valid_until,
            channel=decision.channel,
            reason=decision.reason,
            wording=recorded.wording,
            recorded_at=recorded.recorded_at,
            recorded_by=recorded.recorded_by,
            holds=recorded.holds(today),
        )


class Receipt(BaseModel):
    """What the family keeps (Law 998-IIIQ): who, to whom, for what, which data, until when, how to
    take it back. `text` is the same as a document to print.
    """

    number: str
    consent: Consent
    subject: str
    operator: str
    purpose: str
    data: str
    processing: str
    validity: str
    withdrawal: str
    text: str
