"""HTTP bodies of walk-ins."""

from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.registration.check_ins.schemas import CheckIn, Nonce, PersonIds
from services.registration.enrolments.schemas import Enrolment
from services.registration.families.schemas import (
    NewFamily,
    consent_of,
    origin_of,
    residence_of,
)
from services.registration.walk_ins import handlers
from shared.moments import Moment
from shared.text import Line


class NewWalkIn(BaseModel):
    """Who came: `family_id` of one on the register, or `family` as in `POST /v1/families`.

    The nonce is made by the desk, once for each walk-in.
    """

    model_config = ConfigDict(extra="forbid")

    family: NewFamily | None = None
    family_id: UUID | None = None
    person_ids: PersonIds | None = Field(
        None, description="Which members of a family on the register; left out: every one."
    )
    nonce: Nonce
    at: Moment
    reason: Line | None = None

    @model_validator(mode="after")
    def _names_one_family(self) -> Self:
        if (self.family is None) == (self.family_id is None):
            raise ValueError("give either family or family_id")
        if self.family is not None and self.person_ids is not None:
            raise ValueError("the members of a new family have no ids yet: leave person_ids out")
        return self

    def to_domain(self) -> handlers.WalkIn:
        """The same as an entity."""
        family: handlers.NewFamily | UUID | None = self.family_id
        if self.family is not None:
            family = handlers.NewFamily(
                origin_of(self.family.origin),
                residence_of(self.family.residence),
                [member.to_domain() for member in self.family.members],
                consent_of(self.family.consent),
            )
        if family is None:
            raise AssertionError("validated: there is one family")
        return handlers.WalkIn(family, self.person_ids, self.nonce, self.at, self.reason)


class WalkIn(BaseModel):
    """What became of a walk-in."""

    family_id: UUID
    enrolment: Enrolment
    check_in: CheckIn
