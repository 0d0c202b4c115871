"""HTTP bodies of discussion groups."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.registration.groups import queries
from services.registration.groups.domain import By, Families, Of
from shared.text import Storable

Seed = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), Storable
]


class NewGroups(BaseModel):
    """How the people of an event are to be split over groups.

    `mixed` spreads the districts of origin over all groups, `district` gives each its own. Who is
    `confirmed` has a seat; who `attended` was checked in. The same people and seed give the same
    groups.
    """

    model_config = ConfigDict(extra="forbid")

    count: Annotated[int, Field(strict=True, ge=1, le=500)]
    by: By = "mixed"
    families: Families = "together"
    of: Of = "confirmed"
    seed: (
        Annotated[
            str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), Storable
        ]
        | None
    ) = None


class GroupsForm(BaseModel):
    """The same as it is typed into a form, where a number is a text."""

    count: Annotated[int, Field(ge=1, le=500)]
    by: By
    families: Families
    of: Of


class Member(BaseModel):
    """A person of a group."""

    person_id: UUID
    family_id: UUID
    district: str


class Group(BaseModel):
    """One group, numbered from 1."""

    number: int
    size: int
    members: list[Member]


class Groups(BaseModel):
    """One splitting of an event's people; a new one has a higher version, the others are kept."""

    event_id: UUID
    version: int
    made_at: datetime
    made_by: str
    count: int
    by: By
    families: Families
    of: Of
    seed: str
    people: int
    groups: list[Group]

    @classmethod
    def of_plan(cls, plan: queries.Plan) -> "Groups":
        """Make it of a splitting."""
        return Groups(
            event_id=plan.event_id,
            version=plan.version,
            made_at=plan.made_at,
            made_by=plan.made_by,
            count=plan.count,
            by=plan.by,
            families=plan.families,
            of=plan.of,
            seed=plan.seed,
            people=sum(len(group) for group in plan.groups),
            groups=[
                Group(
                    number=number,
                    size=len(group),
                    members=[
                        Member(
                            person_id=each.person_id,
                            family_id=each.family_id,
                            district=each.district,
                        )
                        for each in group
                    ],
                )
                for number, group in enumerate(plan.groups, start=1)
            ],
        )
