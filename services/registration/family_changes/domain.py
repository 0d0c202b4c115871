"""Families change: pure rules of who belongs to whom afterwards."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.registration.families.domain import Family, Person, Relation, Residence

Relations = Mapping[UUID, Relation]

LARGEST_FAMILY = 30

# What somebody is to the new head, by what both were to the old one. What is not here is "other":
# a clerk says more exactly where it matters.
_RESTATED: dict[Relation, dict[Relation, Relation]] = {
    "spouse": {"head": "spouse", "child": "child", "grandchild": "grandchild"},
    "child": {"head": "parent", "spouse": "parent", "child": "sibling"},
    "parent": {"head": "child", "sibling": "child", "child": "grandchild", "parent": "spouse"},
    "sibling": {"head": "sibling", "sibling": "sibling", "parent": "parent"},
}


class FamilyChangeError(Exception):
    """A change that makes no family; `field` names what is in the way, `message` says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Seen:
    """The family that is changed, in the version that the desk saw."""

    family_id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Circumstances:
    """On which day it took place in life, and why or by which document."""

    on: date | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Succession:
    """Who is the head afterwards, and what others are to it where that cannot be told."""

    head_id: UUID | None
    relations: Relations


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who leaves, whom they follow, where they live then, and who heads those who stay."""

    person_ids: tuple[UUID, ...]
    head_id: UUID
    staying_head_id: UUID | None
    residence: Residence | None
    relations: Relations


def with_head(family: Family, head_id: UUID, relations: Relations) -> Family:
    """Make a member the head; the others are restated towards it, `relations` winning.

    Raises:
        FamilyChangeError: the new head, or somebody whose relation is given, is no member.
    """
    head = _member(family, head_id, "head_id")
    _check_known(family, relations)
    if relations.get(head_id, "head") != "head":
        raise FamilyChangeError(f"relations.{head_id}", "is the head")
    was = head.member.relation
    persons = []
    for person in family.persons:
        if person.id == head_id:
            relation: Relation = "head"
        else:
            relation = relations.get(person.id) or _restated(was, person.member.relation)
        if person.id != head_id and relation == "head":
            raise FamilyChangeError(f"relations.{person.id}", "cannot be a second head")
        persons.append(_related(person, relation))
    return replace(family, persons=tuple(persons))


def without_person(family: Family, person_id: UUID, succession: Succession) -> Family:
    """Let a member leave for ever; when it was the head, another one is needed.

    Raises:
        FamilyChangeError: the person is no member, the last one, or a head is missing.
    """
    gone, head_id = _member(family, person_id, "person_id"), succession.head_id
    if len(family.persons) == 1:
        raise FamilyChangeError("person_id", "is the last member of this family")
    if gone.member.relation == "head" and head_id is None:
        raise FamilyChangeError("head_id", "is needed, because the head leaves")
    if head_id == person_id:
        raise FamilyChangeError("head_id", "is the person who leaves")
    restated = family if head_id is None else with_head(family, head_id, succession.relations)
    left = tuple(person for person in restated.persons if person.id != person_id)
    return replace(restated, persons=left)


def split(
    family: Family, leaving: Leaving, new_id: UUID, created_at: datetime
) -> tuple[Family, Family]:
    """Let members form a family of their own; gives who stays and who leaves.

    Raises:
        FamilyChangeError: nobody would stay or leave, somebody is no member, or a head is missing.
    """
    for index, person_id in enumerate(leaving.person_ids):
        _member(family, person_id, f"person_ids.{index}")
    _check_known(family, leaving.relations)
    home = tuple(each for each in family.persons if each.id not in leaving.person_ids)
    if not home:
        raise FamilyChangeError("person_ids", "must leave somebody behind")
    if leaving.head_id not in leaving.person_ids:
        raise FamilyChangeError("head_id", "must be one of those who leave")
    away = tuple(each for each in family.persons if each.id in leaving.person_ids)
    left = with_head(replace(family, persons=away), leaving.head_id, _of(away, leaving.relations))
    left = replace(
        left,
        id=new_id,
        version=1,
        created_at=created_at,
        residence=leaving.residence or family.residence,
        persons=tuple(replace(each, version=each.version + 1) for each in left.persons),
    )
    return _staying(replace(family, persons=home), leaving), left


def _staying(home: Family, leaving: Leaving) -> Family:
    if any(person.member.relation == "head" for person in home.persons):
        return home
    if leaving.staying_head_id is None:
        raise FamilyChangeError("staying_head_id", "is needed, because the head leaves")
    if leaving.staying_head_id in leaving.person_ids:
        raise FamilyChangeError("staying_head_id", "must be one of those who stay")
    return with_head(home, leaving.staying_head_id, _of(home.persons, leaving.relations))


def join(family: Family, other: Family, relations: Relations) -> tuple[Family, Family]:
    """Take another family's members in; gives the larger family and the one that is closed.

    Raises:
        FamilyChangeError: both are one, a relation is missing, or there would be too many.
    """
    if family.id == other.id:
        raise FamilyChangeError("other_family_id", "is this family")
    _check_known(other, relations)
    if len(family.persons) + len(other.persons) > LARGEST_FAMILY:
        raise FamilyChangeError("other_family_id", f"would make more than {LARGEST_FAMILY} members")
    arriving = []
    for person in other.persons:
        relation = relations.get(person.id)
        if relation is None and person.member.relation == "head":
            raise FamilyChangeError(f"relations.{person.id}", "is needed: what is it to the head?")
        if relation == "head":
            raise FamilyChangeError(f"relations.{person.id}", "cannot be a second head")
        moved = _related(person, relation or "other")
        arriving.append(replace(moved, version=person.version + 1))
    joined = replace(family, persons=(*family.persons, *arriving))
    return joined, replace(other, persons=(), successor_id=family.id)


def _member(family: Family, person_id: UUID, field: str) -> Person:
    for person in family.persons:
        if person.id == person_id:
            return person
    raise FamilyChangeError(field, "is not a member of this family")


def _check_known(family: Family, relations: Relations) -> None:
    for person_id in relations:
        _member(family, person_id, f"relations.{person_id}")


def _of(persons: Collection[Person], relations: Relations) -> Relations:
    ids = {person.id for person in persons}
    return {id_: relation for id_, relation in relations.items() if id_ in ids}


def _restated(head_was: Relation, other: Relation) -> Relation:
    return _RESTATED.get(head_was, {}).get(other, "other")


def _related(person: Person, relation: Relation) -> Person:
    return replace(person, member=replace(person.member, relation=relation))
