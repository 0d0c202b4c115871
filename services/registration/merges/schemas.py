"""HTTP bodies of merges."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.registration.families.schemas import Family
from services.registration.family_changes.schemas import Relations
from services.registration.merges import domain
from services.registration.merges.domain import FamilyField, Scope, Side
from shared.text import Paragraph

MemberField = Literal[
    "given_name",
    "family_name",
    "patronymic",
    "sex",
    "birth_date",
    "fin",
    "phone",
    "email",
    "language",
]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Pair(_Strict):
    """Two registrations of one person, and which side each field is taken from."""

    kept_person_id: UUID
    merged_person_id: UUID
    fields: dict[MemberField, Side] = Field(
        default_factory=dict, description="What is left out is taken from the kept one."
    )

    def to_domain(self) -> domain.Pair:
        """The same as an entity."""
        merged = frozenset(name for name, side in self.fields.items() if side == "merged")
        return domain.Pair(self.kept_person_id, self.merged_person_id, merged)


class NewMerge(_Strict):
    """Two registrations to make one.

    By scope `families` the merged family goes into the kept one whole; by `persons` only those in
    `pairs` leave it, also within one family.
    """

    scope: Scope = "families"
    kept_family_id: UUID
    kept_version: Version
    merged_family_id: UUID
    merged_version: Version
    pairs: Annotated[list[Pair], Field(max_length=domain.LARGEST_FAMILY)] = []
    family_fields: dict[FamilyField, Side] = Field(default_factory=dict)
    relations: Relations
    case_id: UUID | None = Field(None, description="The case of likely duplicates it decides.")
    reason: Paragraph

    def plan(self) -> domain.Plan:
        """What is to be done."""
        taken = (name for name, side in self.family_fields.items() if side == "merged")
        return domain.Plan(
            scope=self.scope,
            pairs=tuple(pair.to_domain() for pair in self.pairs),
            family_merged=frozenset(taken),
            relations=self.relations,
        )


class Undo(_Strict):
    """Why two registrations are made of one again."""

    reason: Paragraph


class Merge(BaseModel):
    """A merge that was made, with both families before it and the one after it."""

    id: UUID
    at: datetime
    actor: str
    scope: Scope
    reason: str
    case_id: UUID | None
    kept_before: Family
    merged_before: Family
    kept_after: Family
    persons: dict[UUID, UUID] = Field(description="Who stands for whom: merged to kept.")
    undone_at: datetime | None
    undone_by: str | None
    undo_reason: str | None

    @classmethod
    def of(cls, made: domain.Merge) -> "Merge":
        """Make it of an entity."""
        return Merge.model_construct(
            id=made.id,
            at=made.at,
            actor=made.actor,
            scope=made.plan.scope,
            reason=made.reason,
            case_id=made.case_id,
            kept_before=Family.of(made.kept_before),
            merged_before=Family.of(made.merged_before),
            kept_after=Family.of(made.kept_after),
            persons=made.replaced,
            undone_at=made.undone_at,
            undone_by=made.undone_by,
            undo_reason=made.undo_reason,
        )
