"""HTTP bodies of families' history."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from services.registration.families.schemas import Family
from services.registration.history import domain
from services.registration.history.domain import Kind


class FamilyVersion(BaseModel):
    """A family as it stood from a moment on, until its next version."""

    version: int
    at: datetime = Field(description="When the register learned of it.")
    kind: Kind
    effective_on: date | None = Field(description="The day on which it took place in life.")
    reason: str | None
    actor: str
    changed: list[str] = Field(description="Names of the fields that differ from before.")
    family: Family

    @classmethod
    def of(cls, version: domain.Version) -> "FamilyVersion":
        """Make it of an entity."""
        return FamilyVersion.model_construct(
            version=version.family.version,
            at=version.at,
            kind=version.change.kind,
            effective_on=version.change.effective_on,
            reason=version.change.reason,
            actor=version.actor,
            changed=list(version.changed),
            family=Family.of(version.family),
        )
