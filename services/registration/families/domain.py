"""Families, their members and what they consented to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

Relation = Literal["head", "spouse", "child", "parent", "sibling", "grandchild", "other"]
Sex = Literal["female", "male"]
Language = Literal["az", "en", "ru"]
Basis = Literal["consent", "legal_obligation", "public_task"]
Purpose = Literal["event_notifications", "programme_statistics", "photographs"]
Channel = Literal["sms", "email"]


class MembersError(Exception):
    """The members do not make a family; `field` names the one in the way, `message` says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a family was displaced from, as the place was then."""

    district: str
    settlement: str


@dataclass(frozen=True, slots=True)
class Residence:
    """Where a family lives now."""

    district: str
    settlement: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Consent:
    """On which basis, for what, and by whom given (Law 998-IIIQ on personal data)."""

    basis: Basis
    purposes: tuple[Purpose, ...]
    given_by: Relation
    given_on: date


@dataclass(frozen=True, slots=True)
class Member:
    """One person as the desk types it."""

    given_name: str
    family_name: str
    patronymic: str | None
    sex: Sex
    birth_date: date
    fin: str | None
    phone: str | None
    email: str | None
    language: Language
    relation: Relation


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Why a provider says that an address of a person leads nowhere, by channel."""

    sms: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A registered member; `version` grows whenever how to reach the person changes."""

    id: UUID
    version: int
    member: Member
    unreachable: Unreachable = Unreachable()

    def becomes(self, member: Member) -> "Person":
        """Take over what was typed; a new address has not failed yet."""
        kept = Unreachable(
            sms=self.unreachable.sms if member.phone == self.member.phone else None,
            email=self.unreachable.email if member.email == self.member.email else None,
        )
        return replace(self, member=member, unreachable=kept)


@dataclass(frozen=True, slots=True)
class Family:
    """A household, its members in the order they were given.

    One that went into another family has no members any more; `successor_id` tells which.
    """

    id: UUID
    version: int
    created_at: datetime
    origin: Origin
    residence: Residence
    consent: Consent | None
    persons: tuple[Person, ...]
    successor_id: UUID | None = None

    @property
    def may_notify(self) -> bool:
        """Whether there is a basis for telling the members about events."""
        return self.consent is not None and "event_notifications" in self.consent.purposes


def check_members(members: Sequence[Member]) -> None:
    """Check what makes members a family: one head, and no FIN twice.

    Raises:
        MembersError: they do not.
    """
    heads = sum(member.relation == "head" for member in members)
    if heads != 1:
        raise MembersError("members", f"must have exactly one head, not {heads}")
    seen: dict[str, int] = {}
    for index, member in enumerate(members):
        if member.fin is None:
            continue
        first = seen.setdefault(member.fin, index)
        if first != index:
            raise MembersError(f"members.{index}.fin", f"is the FIN of members.{first} too")


def place_members(
    family: Family, members: Sequence[tuple[UUID | None, Member]], new_ids: Sequence[UUID]
) -> tuple[Person, ...]:
    """Match members to registered persons by id; one without an id is new.

    `new_ids` are taken in order, at least as many as there are new members.

    Raises:
        MembersError: an id is not of this family, or is there twice.
    """
    known = {person.id: person for person in family.persons}
    fresh = iter(new_ids)
    placed: list[Person] = []
    for index, (id_, member) in enumerate(members):
        if id_ is None:
            placed.append(Person(next(fresh), 1, member))
            continue
        person = known.pop(id_, None)
        if person is None:
            raise MembersError(f"members.{index}.id", "is not a member of this family, or is twice")
        placed.append(person.becomes(member))
    return tuple(placed)


def gone_from(before: Family, after: Family) -> set[UUID]:
    """Tell who was a member and is not any more."""
    return {person.id for person in before.persons} - {person.id for person in after.persons}


def next_version(before: Family, after: Family) -> Family:
    """Count up the version of the family and of each person it told differently before."""
    known = {person.id: person for person in before.persons}
    context_changed = _context(before) != _context(after)
    persons = tuple(
        replace(person, version=person.version + 1)
        if person.id in known and (context_changed or person != known[person.id])
        else person
        for person in after.persons
    )
    return replace(after, version=before.version + 1, persons=persons)


def _context(family: Family) -> tuple[str, str, bool]:
    """What a person's contact tells of the family."""
    return family.origin.district, family.residence.district, family.may_notify
