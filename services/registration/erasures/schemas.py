"""HTTP bodies of erasures."""

from datetime import datetime
from typing import Self, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict, model_validator

from services.registration.erasures import domain
from services.registration.erasures.domain import Basis, Service
from shared.text import Line


class NewErasure(BaseModel):
    """Who is to be erased, one person or a whole family; `head_id` heads those who stay."""

    model_config = ConfigDict(extra="forbid")

    person_id: UUID | None = None
    family_id: UUID | None = None
    head_id: UUID | None = None
    reason: Line
    basis: Basis

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.person_id is None) == (self.family_id is None):
            raise ValueError("give either person_id or family_id")
        return self

    def to_domain(self) -> domain.Asked:
        """The same as an entity."""
        return domain.Asked(self.person_id, self.family_id, self.head_id, self.reason, self.basis)


class Confirmation(BaseModel):
    """When a service had removed everything; null while it has not said so."""

    service: Service
    confirmed_at: datetime | None


class Erasure(BaseModel):
    """An erasure, who confirmed it and who has not yet."""

    id: UUID
    requested_at: datetime
    requested_by: str
    reason: str
    basis: Basis
    family_id: UUID
    whole_family: bool
    person_ids: list[UUID]
    confirmations: list[Confirmation]
    waiting_for: list[Service]

    @classmethod
    def of(cls, erasure: domain.Erasure) -> "Erasure":
        """Make it of an entity."""
        moments = {name: erasure.confirmed_at(name) for name in get_args(Service)}
        return cls(
            id=erasure.id,
            requested_at=erasure.requested_at,
            requested_by=erasure.requested_by,
            reason=erasure.reason,
            basis=erasure.basis,
            family_id=erasure.family_id,
            whole_family=erasure.whole_family,
            person_ids=[person.person_id for person in erasure.persons],
            confirmations=[
                Confirmation(service=name, confirmed_at=at) for name, at in moments.items()
            ],
            waiting_for=[name for name, at in moments.items() if at is None],
        )
