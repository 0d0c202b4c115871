"""Erasing persons (Law 998-IIIQ on personal data); pure rules.

What stays is what names nobody: that there was a person, the sex, the year of birth, the districts,
seats and attendance by an id that leads nowhere, and the audit log.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.registration.families.domain import Family, Member, Origin, Person, Residence

Basis = Literal["consent_withdrawn", "purpose_achieved", "unlawful_processing", "court_decision"]
Service = Literal["registration", "notifications"]

NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is to be erased, one person or a whole family, why and on which basis.

    `head_id` is who heads the family afterwards, where its head is erased.
    """

    person_id: UUID | None
    family_id: UUID | None
    head_id: UUID | None
    reason: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Erased:
    """One person of an erasure, and when each service confirmed that nothing is left."""

    person_id: UUID
    version: int
    registration_at: datetime | None = None
    notifications_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure and how far it is."""

    id: UUID
    requested_at: datetime
    requested_by: str
    reason: str
    basis: Basis
    family_id: UUID
    whole_family: bool
    persons: Sequence[Erased]

    def confirmed_at(self, service: Service) -> datetime | None:
        """Tell when a service had confirmed all persons; None while one is missing."""
        moments = [getattr(person, f"{service}_at") for person in self.persons]
        return None if None in moments else max(moments, default=None)


def nobody(member: Member) -> Member:
    """Give what is left of a person: sex, year of birth, and what the person was in the family."""
    return replace(
        member,
        given_name=NOTHING,
        family_name=NOTHING,
        patronymic=None,
        birth_date=date(member.birth_date.year, 1, 1),
        fin=None,
        phone=None,
        email=None,
    )


def emptied(family: Family) -> Family:
    """Give what is left of a family: its districts."""
    return replace(nowhere(family), consent=None, persons=())


def nowhere(family: Family) -> Family:
    """Take out of a family where in its districts it lived."""
    return replace(
        family,
        origin=Origin(family.origin.district, NOTHING),
        residence=Residence(family.residence.district, NOTHING, None),
    )


def person_of(family: Family, person_id: UUID) -> Person:
    """Find a member of a family.

    Raises:
        LookupError: it is none.
    """
    for person in family.persons:
        if person.id == person_id:
            return person
    raise LookupError(f"{person_id} is no member")
