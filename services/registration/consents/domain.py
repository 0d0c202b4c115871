"""Consents per purpose (Law 998-IIIQ of 2010 on personal data); pure rules."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.registration.families.domain import Basis, Consent, Purpose, Relation

Kind = Literal["given", "withdrawn", "expired"]
Channel = Literal["desk", "paper", "phone", "online"]

WORDING = 1
"""The version of what people are told they agree to (`wording/`); a change of it is a new one."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on one purpose; `decided_on` is the day in life.

    `given_by` says who decided, also for a withdrawal where that is known.
    """

    purpose: Purpose
    kind: Kind
    basis: Basis
    given_by: Relation | None
    decided_on: date
    valid_until: date | None = None
    channel: Channel = "desk"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision as it stands in the history, for good. `number` counts all of them."""

    id: UUID
    number: int
    family_id: UUID
    decision: Decision
    wording: int
    recorded_at: datetime
    recorded_by: str
    latest: bool

    @property
    def receipt(self) -> str:
        """What the family's receipt is called."""
        return f"Q-{self.recorded_at:%Y}-{self.number:08d}"

    def holds(self, today: date) -> bool:
        """Tell whether the purpose is allowed by it."""
        until = self.decision.valid_until
        return self.latest and self.decision.kind == "given" and (until is None or until >= today)


def decisions(before: Consent | None, after: Consent | None, today: date) -> list[Decision]:
    """Tell which decisions lie between two states of what a family allows."""
    was = set(before.purposes) if before else set[Purpose]()
    is_now = after.purposes if after else ()
    restated = before is None or after is None or _terms(before) != _terms(after)
    made = [
        Decision(purpose, "given", after.basis, after.given_by, after.given_on)
        for purpose in is_now
        if after is not None and (restated or purpose not in was)
    ]
    taken = [
        Decision(purpose, "withdrawn", before.basis, None, today)
        for purpose in (before.purposes if before else ())
        if before is not None and purpose not in is_now
    ]
    return [*made, *taken]


def allowing(consent: Consent | None, given: Decision) -> Consent:
    """Add a purpose to what a family allows; the terms of what it allowed before stay."""
    if consent is None or not consent.purposes:
        return Consent(given.basis, (given.purpose,), given.given_by or "head", given.decided_on)
    if given.purpose in consent.purposes:
        return consent
    return replace(consent, purposes=(*consent.purposes, given.purpose))


def without(consent: Consent | None, purpose: Purpose) -> Consent | None:
    """Take a purpose out of what a family allows."""
    if consent is None:
        return None
    left = tuple(each for each in consent.purposes if each != purpose)
    return replace(consent, purposes=left)


def _terms(consent: Consent) -> tuple[Basis, Relation, date]:
    return consent.basis, consent.given_by, consent.given_on
