"""HTTP bodies of what happens to a family in life."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.registration.families.domain import Relation
from services.registration.families.fields import PastDate
from services.registration.families.schemas import Family, Member, Residence
from services.registration.family_changes.domain import LARGEST_FAMILY
from shared.text import Paragraph

Relations = Annotated[
    dict[UUID, Relation],
    Field(
        default_factory=dict,
        max_length=LARGEST_FAMILY,
        description="What each person is to the head afterwards, where it cannot be told.",
    ),
]


def _unique(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) != len(ids):
        raise ValueError("must not name a person twice")
    return ids


PersonIds = Annotated[
    list[UUID], Field(min_length=1, max_length=LARGEST_FAMILY), AfterValidator(_unique)
]


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Paragraph | None = Field(None, description="Why, or by which document.")


class Birth(_Change):
    """A child was born into the family."""

    member: Member


class Death(_Change):
    """A member died."""

    person_id: UUID
    died_on: PastDate
    head_id: UUID | None = Field(None, description="Who is the head now, if the head died.")
    relations: Relations


class Move(_Change):
    """The family lives somewhere else."""

    residence: Residence
    moved_on: PastDate | None = None


class NewHead(_Change):
    """Another member is the head."""

    person_id: UUID
    relations: Relations


class Split(_Change):
    """Some members form a family of their own."""

    person_ids: PersonIds
    head_id: UUID = Field(description="The head of the new family.")
    staying_head_id: UUID | None = Field(None, description="Who is the head of those who stay.")
    residence: Residence | None = Field(None, description="Left out: where they lived.")
    relations: Relations
    split_on: PastDate | None = None


class Join(_Change):
    """Another family becomes part of this one."""

    other_family_id: UUID
    relations: Relations
    joined_on: PastDate | None = None


class SplitFamilies(BaseModel):
    """Both families after a split."""

    family: Family
    new_family: Family
