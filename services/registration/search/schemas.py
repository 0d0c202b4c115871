"""The HTTP bodies of search."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from services.registration.families.domain import Relation, Sex
from services.registration.families.name_keys import words_of
from services.registration.search.domain import By, Found
from services.registration.search.handlers import Hit


class Place(BaseModel):
    """A place of origin or residence."""

    district: str
    settlement: str


class Matched(BaseModel):
    """One typed term that a person meets, and by what."""

    term: str
    by: By
    fields: list[str] = Field(description="Where it was met, such as `family_name`.")


class FoundPerson(BaseModel):
    """A person who may be meant; the best first."""

    person_id: UUID
    family_id: UUID
    given_name: str
    family_name: str
    patronymic: str | None
    sex: Sex
    birth_date: date
    relation: Relation
    origin: Place
    residence: Place
    score: float = Field(ge=0, le=1, description="1 is all that was typed, letter by letter.")
    matched: list[Matched]

    @classmethod
    def of(cls, hit: Hit) -> "FoundPerson":
        """Make it of a hit; what is stored was checked when it came."""
        row = hit.person
        return FoundPerson(
            person_id=row["id"],
            **{name: row[name] for name in _COPIED},
            origin=Place(district=row["origin_district"], settlement=row["origin_settlement"]),
            residence=Place(
                district=row["residence_district"], settlement=row["residence_settlement"]
            ),
            score=hit.found.score,
            matched=_matched(hit),
        )


class SearchResult(BaseModel):
    """Who may be meant, the best first."""

    items: list[FoundPerson]


_COPIED = (
    "family_id", "given_name", "family_name", "patronymic", "sex", "birth_date", "relation"
)  # fmt: skip
_TEXTS = {
    "given_name": "given_name",
    "family_name": "family_name",
    "patronymic": "patronymic",
    "origin_settlement": "origin.settlement",
    "residence_settlement": "residence.settlement",
}


def _matched(hit: Hit) -> list[Matched]:
    found: Found = hit.found
    return [
        Matched(
            term=match.term,
            by=match.by,
            fields=[match.by] if match.spelling is None else _fields(hit, match.spelling),
        )
        for match in found.matches
    ]


def _fields(hit: Hit, spelling: str) -> list[str]:
    found = []
    for column, name in _TEXTS.items():
        words = [word.spelling for word in words_of(hit.person[column] or "")]
        if spelling in words or spelling == "".join(words):
            found.append(name)
    return found
