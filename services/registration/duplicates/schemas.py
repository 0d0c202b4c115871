"""The HTTP bodies of duplicates."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.registration.duplicates.cases import Case
from services.registration.duplicates.domain import State
from services.registration.duplicates.handlers import SideBySide
from services.registration.families.domain import Family as FamilyEntity
from services.registration.families.domain import Person
from services.registration.families.schemas import Family
from shared.text import Paragraph

_FIELDS = (
    "given_name", "family_name", "patronymic", "sex", "birth_date", "fin", "phone", "email",
    "language", "relation",
)  # fmt: skip


class Reason(BaseModel):
    """One thing that agrees or differs; a positive weight speaks for one person."""

    code: str = Field(description="Such as `birth_date.swapped`.")
    weight: float


class Compared(BaseModel):
    """One field of both sides."""

    field: str
    values: tuple[str | None, str | None]
    differs: bool


class Pair(BaseModel):
    """Two persons who are likely one, of the first and of the second family."""

    persons: tuple[UUID, UUID]
    score: float = Field(ge=0, le=1)
    reasons: list[Reason]


class ComparedPair(Pair):
    """Two persons who are likely one, field by field."""

    fields: list[Compared]


class DuplicateCase(BaseModel):
    """A case to review; `claimed_by` is who looks at it now."""

    id: UUID
    state: State
    score: float = Field(ge=0, le=1)
    families: tuple[UUID, UUID] = Field(description="Twice the same where both are in one.")
    pairs: list[Pair]
    opened_at: datetime
    claimed_by: str | None
    claimed_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None

    @classmethod
    def of(cls, case: Case) -> "DuplicateCase":
        """Make it of an entity."""
        return DuplicateCase(**_case(case), pairs=[Pair(**pair) for pair in case.pairs])


class SideBySideCase(BaseModel):
    """A case with both records, side by side."""

    id: UUID
    state: State
    score: float = Field(ge=0, le=1)
    families: tuple[UUID, UUID] = Field(description="Twice the same where both are in one.")
    records: tuple[Family | None, Family | None] = Field(
        description="Both families as they are now; null for one that is gone."
    )
    fields: list[Compared] = Field(description="Where the families are from and live.")
    pairs: list[ComparedPair]
    opened_at: datetime
    claimed_by: str | None
    claimed_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None

    @classmethod
    def of(cls, both: SideBySide) -> "SideBySideCase":
        """Make it of a case and its families."""
        one, other = both.families
        return SideBySideCase(
            **_case(both.case),
            records=(one and Family.of(one), other and Family.of(other)),
            fields=_family_fields(one, other) if one and other else [],
            pairs=[
                ComparedPair(**pair, fields=_person_fields(pair["persons"], both.families))
                for pair in both.case.pairs
            ],
        )


class Dismissal(BaseModel):
    """Why two registrations are not of one person."""

    model_config = ConfigDict(extra="forbid")

    reason: Paragraph


class LikelyTheSame(BaseModel):
    """Somebody on the register who is likely the person typed."""

    member: int = Field(description="The place of the typed member, from 0.")
    family_id: UUID
    person_id: UUID
    given_name: str
    family_name: str
    patronymic: str | None
    birth_date: date
    origin_district: str
    origin_settlement: str
    score: float = Field(ge=0, le=1)
    reasons: list[Reason]


class Registered(BaseModel):
    """A FIN that is on the register already; null where the family is out of reach."""

    field: str
    existing_family_id: UUID | None


class FamilyCheck(BaseModel):
    """What stands in the way of a family, and who looks the same; nothing was written."""

    registered: list[Registered]
    alike: list[LikelyTheSame]


def compare_values(names: tuple[str, ...], one: Any, other: Any) -> list[Compared]:
    """Put the fields of two things side by side."""
    pairs = [(name, (_text(getattr(one, name)), _text(getattr(other, name)))) for name in names]
    return [Compared(field=name, values=both, differs=both[0] != both[1]) for name, both in pairs]


def _case(case: Case) -> dict[str, Any]:
    held = case.holder(datetime.now(UTC)) if case.state == "open" else None
    return {
        "id": case.id,
        "state": case.state,
        "score": round(case.score, 3),
        "families": (case.family_a, case.family_b),
        "opened_at": case.opened_at,
        "claimed_by": held,
        "claimed_at": case.claimed_at if held else None,
        "decided_by": case.decided_by,
        "decided_at": case.decided_at,
        "reason": case.reason,
    }


def _family_fields(one: FamilyEntity, other: FamilyEntity) -> list[Compared]:
    found = []
    for part, names in (
        ("origin", ("district", "settlement")),
        ("residence", ("district", "settlement", "address")),
    ):
        compared = compare_values(names, getattr(one, part), getattr(other, part))
        found += [each.model_copy(update={"field": f"{part}.{each.field}"}) for each in compared]
    return found


def _person_fields(
    persons: list[str], families: tuple[FamilyEntity | None, FamilyEntity | None]
) -> list[Compared]:
    known: dict[str, Person] = {
        str(person.id): person for family in families if family for person in family.persons
    }
    one, other = (known.get(id_) for id_ in persons)
    return compare_values(_FIELDS, one.member, other.member) if one and other else []


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
