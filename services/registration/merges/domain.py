"""Merging what was registered twice: pure rules, field by field, and the way back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.registration.families.domain import Family, Member, Person, Relation

Scope = Literal["families", "persons"]
Side = Literal["kept", "merged"]
FamilyField = Literal["origin", "residence", "consent"]

MEMBER_FIELDS = tuple(field.name for field in fields(Member) if field.name != "relation")
FAMILY_FIELDS: tuple[FamilyField, ...] = ("origin", "residence", "consent")
LARGEST_FAMILY = 30


class MergeError(Exception):
    """What cannot be merged so; `field` names what is in the way, `message` says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Pair:
    """Two registrations of one person; `merged` names the fields that are taken from the second."""

    kept_person_id: UUID
    merged_person_id: UUID
    merged: frozenset[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is whom, what is taken from which side, and what everyone is to the head after it.

    By scope `families` the merged family goes into the kept one whole, by `persons` only those
    who are in `pairs` leave it.
    """

    scope: Scope
    pairs: tuple[Pair, ...]
    family_merged: frozenset[str]
    relations: Mapping[UUID, Relation]


@dataclass(frozen=True, slots=True)
class Merged:
    """Both families after a merge; `moved` are persons who went over as they are."""

    kept: Family
    merged: Family
    moved: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that was made, with both families before and after it."""

    id: UUID
    at: datetime
    actor: str
    plan: Plan
    reason: str
    case_id: UUID | None
    kept_before: Family
    merged_before: Family
    kept_after: Family
    undone_at: datetime | None = None
    undone_by: str | None = None
    undo_reason: str | None = None

    @property
    def same_family(self) -> bool:
        """Whether both registrations were in one family."""
        return self.kept_before.id == self.merged_before.id

    @property
    def replaced(self) -> dict[UUID, UUID]:
        """Who stands for whom since then."""
        return {pair.merged_person_id: pair.kept_person_id for pair in self.plan.pairs}


def merge(kept: Family, merged: Family, plan: Plan) -> Merged:
    """Make one of two registrations.

    Raises:
        MergeError: somebody is no member or is named twice, a head would be missing or second, or
            there would be too many members.
    """
    _check_pairs(kept, merged, plan)
    twins = {pair.kept_person_id: pair for pair in plan.pairs}
    gone = {pair.merged_person_id for pair in plan.pairs}
    known = {person.id: person for person in merged.persons}
    persons = [
        _take(person, known[twins[person.id].merged_person_id], twins[person.id].merged)
        if person.id in twins
        else person
        for person in kept.persons
    ]
    if kept.id == merged.id:
        return _within(kept, [person for person in persons if person.id not in gone])
    if plan.scope == "persons":
        return _persons_only(kept, merged, persons, gone)
    return _whole(kept, merged, persons, gone, plan)


def unmerge(made: Merge, kept: Family, merged: Family) -> Merged:
    """Make two registrations again: what the merge changed goes back, what came later stays.

    A field of a kept person or family goes back where nobody changed it since. Persons who went
    over go back if they are still there; `moved` names them.
    """
    before = {person.id: person for person in made.kept_before.persons}
    after = {person.id: person for person in made.kept_after.persons}
    gone = {pair.merged_person_id for pair in made.plan.pairs}
    restored = [_revived(person) for person in made.merged_before.persons if person.id in gone]
    persons = [
        _restore(person, before[person.id], after[person.id])
        if person.id in before and person.id in after
        else person
        for person in kept.persons
    ]
    if made.same_family:
        return Merged(replace(kept, persons=(*persons, *restored)), merged, ())
    former = {person.id: person for person in made.merged_before.persons}
    returning = [person for person in persons if person.id in former]
    stays = replace(kept, persons=tuple(each for each in persons if each.id not in former))
    for name in FAMILY_FIELDS:
        if getattr(kept, name) == getattr(made.kept_after, name):
            stays = replace(stays, **{name: getattr(made.kept_before, name)})
    back = [_returned(person, former[person.id]) for person in returning]
    order = list(former)
    everyone = sorted([*merged.persons, *restored, *back], key=lambda each: _place(order, each.id))
    again = replace(merged, persons=tuple(everyone), successor_id=None)
    return Merged(stays, again, tuple(person.id for person in back))


def _check_pairs(kept: Family, merged: Family, plan: Plan) -> None:
    of_kept = {person.id for person in kept.persons}
    of_merged = {person.id for person in merged.persons}
    seen: set[UUID] = set()
    for index, pair in enumerate(plan.pairs):
        place = f"pairs.{index}"
        if pair.kept_person_id not in of_kept:
            raise MergeError(f"{place}.kept_person_id", "is not a member of the kept family")
        if pair.merged_person_id not in of_merged:
            raise MergeError(f"{place}.merged_person_id", "is not a member of the merged family")
        if pair.kept_person_id == pair.merged_person_id:
            raise MergeError(f"{place}.merged_person_id", "is the same registration")
        if seen & {pair.kept_person_id, pair.merged_person_id}:
            raise MergeError(place, "names somebody who is in another pair")
        seen |= {pair.kept_person_id, pair.merged_person_id}
    if kept.id == merged.id and plan.scope == "families":
        raise MergeError("merged_family_id", "is the kept family; merge its persons")
    if plan.scope == "persons" and not plan.pairs:
        raise MergeError("pairs", "must name somebody")
    for person_id in plan.relations:
        if person_id not in of_kept | of_merged:
            raise MergeError(f"relations.{person_id}", "is not a member of these families")


def _within(kept: Family, left: Sequence[Person]) -> Merged:
    if not any(person.member.relation == "head" for person in left):
        raise MergeError("pairs", "would leave no head; keep the head's registration")
    one = replace(kept, persons=tuple(left))
    return Merged(one, one, ())


def _persons_only(
    kept: Family, merged: Family, persons: Sequence[Person], gone: set[UUID]
) -> Merged:
    left = tuple(person for person in merged.persons if person.id not in gone)
    if not left:
        raise MergeError("scope", "nobody would be left; merge the families")
    if not any(person.member.relation == "head" for person in left):
        raise MergeError("pairs", "would leave no head there; name another head first")
    return Merged(replace(kept, persons=tuple(persons)), replace(merged, persons=left), ())


def _whole(
    kept: Family, merged: Family, persons: Sequence[Person], gone: set[UUID], plan: Plan
) -> Merged:
    arriving = []
    for person in merged.persons:
        if person.id in gone:
            continue
        relation = plan.relations.get(person.id)
        if relation is None and person.member.relation == "head":
            raise MergeError(f"relations.{person.id}", "is needed: what is it to the head?")
        if relation == "head":
            raise MergeError(f"relations.{person.id}", "cannot be a second head")
        related = replace(person.member, relation=relation or "other")
        arriving.append(replace(person, member=related, version=person.version + 1))
    if len(persons) + len(arriving) > LARGEST_FAMILY:
        raise MergeError("merged_family_id", f"would make more than {LARGEST_FAMILY} members")
    one = replace(kept, persons=(*persons, *arriving))
    for name in FAMILY_FIELDS:
        if name in plan.family_merged:
            one = replace(one, **{name: getattr(merged, name)})
    closed = replace(merged, persons=(), successor_id=kept.id)
    return Merged(one, closed, tuple(person.id for person in arriving))


def _take(kept: Person, merged: Person, names: frozenset[str]) -> Person:
    taken = {name: getattr(merged.member, name) for name in MEMBER_FIELDS if name in names}
    return kept.becomes(replace(kept.member, **taken))


def _restore(present: Person, before: Person, after: Person) -> Person:
    """Put back what the merge changed and nobody did since."""
    back = {
        field.name: getattr(before.member, field.name)
        for field in fields(Member)
        if getattr(present.member, field.name) == getattr(after.member, field.name)
    }
    return present.becomes(replace(present.member, **back))


def _revived(person: Person) -> Person:
    """A person who was told to be forgotten at the next version comes back above it."""
    return replace(person, version=person.version + 2)


def _returned(person: Person, former: Person) -> Person:
    member = replace(person.member, relation=former.member.relation)
    return replace(person, member=member, version=person.version + 1)


def _place(order: Sequence[UUID], person_id: UUID) -> int:
    return order.index(person_id) if person_id in order else len(order)
