"""Families registered a second time by another clerk, and families that only look like others."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from services.registration.families.domain import Family, Member, Person
from tests.support.populace.households import Populace
from tests.support.populace.spelling import bare, english, russian, slip


def again(people: Populace, family: Family) -> Family:
    """Register a family anew, whole or in part, as people and clerks do; without known FINs."""
    chance = people.chance
    persons = list(family.persons)
    if len(persons) > 1 and chance.random() < 0.35:
        persons = chance.sample(persons, chance.randrange(1, len(persons)))
    lot = chance.random()
    way = english if lot < 0.15 else bare if lot < 0.22 else russian if lot < 0.38 else None
    phone = people.phone() if chance.random() < 0.45 else None
    members = [_another(people, person.member, way, phone) for person in persons]
    origin = family.origin
    if chance.random() < 0.08:
        origin = replace(origin, settlement=slip(origin.settlement, chance))
    if way is not None:
        origin = replace(origin, settlement=way(origin.settlement, chance))
    return _family(people, replace(family, origin=origin), members)


def _another(
    people: Populace,
    member: Member,
    way: Callable[[str, Random], str] | None,
    phone: str | None,
) -> Member:
    chance = people.chance
    names = [member.given_name, member.family_name, member.patronymic]
    if member.sex == "female" and member.birth_date.year < 2004 and chance.random() < 0.12:
        names[1] = people.stem() + "a"  # her maiden name, or her husband's
    if chance.random() < 0.12:
        at = chance.randrange(2)
        names[at] = slip(names[at] or "", chance)
    if chance.random() < 0.15:
        names[2] = None
    given, family_name, father = (way(name, chance) if name and way else name for name in names)
    fin = member.fin
    return replace(
        member,
        given_name=given or member.given_name,
        family_name=family_name or member.family_name,
        patronymic=father,
        birth_date=_mistaken(chance, member.birth_date),
        fin=fin[:3] + people.fin()[3] + fin[4:] if fin and chance.random() < 0.1 else None,
        phone=phone if phone and member.phone else member.phone,
    )


def _mistaken(chance: Random, born: date) -> date:
    lot = chance.random()
    with suppress(ValueError):
        if lot < 0.07:
            return born.replace(month=born.day, day=born.month)
        if lot < 0.12:
            return born + timedelta(days=chance.choice((-1, 1, 10, -10)))
        if lot < 0.17:
            return born.replace(year=born.year + chance.choice((-1, 1)))
        if lot < 0.20:
            return born.replace(month=1, day=1)
    return born


def lookalike(people: Populace, family: Family) -> tuple[str, Family]:
    """Make a family of other people who share much with one that is registered."""
    kind = people.chance.choice(list(_LOOKALIKES))
    return kind, _family(people, family, _LOOKALIKES[kind](people, family))


def _twin(people: Populace, family: Family) -> list[Member]:
    """The twin of a member, grown up, in the same village."""
    member = people.chance.choice(family.persons).member
    given = people.given(member.sex)
    while given == member.given_name:
        given = people.given(member.sex)
    return [replace(member, given_name=given, fin=_own_fin(people))]


def _namesake(people: Populace, family: Family) -> list[Member]:
    """Somebody of the same three names from the same village, born another day."""
    member = people.chance.choice(family.persons).member
    year = member.birth_date.year
    born = people.born(year - 15, year + 15)
    while abs((born - member.birth_date).days) < 400:
        born = people.born(year - 15, year + 15)
    return [replace(member, birth_date=born, fin=_own_fin(people), phone=people.phone())]


def _sibling(people: Populace, family: Family) -> list[Member]:
    """A brother or sister with a family of their own, and the phone of the old home."""
    member = people.chance.choice(family.persons).member
    years = people.chance.choice((-4, -3, -2, 2, 3, 4))
    born = people.born(member.birth_date.year + years, member.birth_date.year + years)
    other = people.given(member.sex)
    while other == member.given_name:
        other = people.given(member.sex)
    return [replace(member, given_name=other, birth_date=born, fin=_own_fin(people))]


def _cousin(people: Populace, family: Family) -> list[Member]:
    """A cousin with the same given and family name: both bear the grandfather's."""
    member = people.chance.choice(family.persons).member
    born = people.born(member.birth_date.year - 3, member.birth_date.year + 3)
    father = f"{people.given('male')} {'oğlu' if member.sex == 'male' else 'qızı'}"
    return [
        replace(
            member,
            patronymic=father,
            birth_date=born,
            fin=_own_fin(people),
            phone=people.phone(),
        )
    ]


def _same_day(people: Populace, family: Family) -> list[Member]:
    """Somebody with a common name from elsewhere, born on the same day."""
    member = people.chance.choice(family.persons).member
    return [
        replace(
            people.member(
                member.family_name, people.given("male"), "head", member.sex, member.birth_date
            ),
            family_name=member.family_name,
            phone=people.phone(),
        )
    ]


def _own_fin(people: Populace) -> str | None:
    return people.fin() if people.chance.random() < 0.85 else None


_LOOKALIKES: dict[str, Callable[[Populace, Family], list[Member]]] = {
    "twin": _twin,
    "namesake": _namesake,
    "sibling": _sibling,
    "cousin": _cousin,
    "same day and family name": _same_day,
}


def _family(people: Populace, like: Family, members: list[Member]) -> Family:
    heads = [replace(members[0], relation="head")]
    others = [
        replace(each, relation="other" if each.relation == "head" else each.relation)
        for each in members[1:]
    ]
    persons = tuple(Person(people.new_id(), 1, member) for member in (*heads, *others))
    return replace(like, id=people.new_id(), persons=persons)
