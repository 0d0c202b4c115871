"""What is typed into the search box, by kind, about people who are really there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from services.registration.families.domain import Family, Person
from tests.support.populace.spelling import bare, english, russian, slip


@dataclass(frozen=True)
class Asked:
    """One text, and whom it is about; None where nobody in particular is meant."""

    kind: str
    text: str
    person_id: UUID | None


def questions(families: Sequence[Family], each: int, seed: int) -> list[Asked]:
    """Make so many questions of each kind, in a mixed order."""
    chance = Random(seed)
    everyone = [(family, person) for family in families for person in family.persons]
    asked = [
        made
        for kind, make in _KINDS.items()
        for _ in range(each)
        if (made := _about(kind, make, chance, everyone)) is not None
    ]
    chance.shuffle(asked)
    return asked


Make = Callable[[Random, Family, Person], str | None]


def _about(
    kind: str, make: Make, chance: Random, everyone: Sequence[tuple[Family, Person]]
) -> Asked | None:
    for _ in range(50):
        family, person = chance.choice(everyone)
        text = make(chance, family, person)
        if text:
            return Asked(kind, text, person.id)
    return None


def _both(person: Person) -> str:
    return f"{person.member.given_name} {person.member.family_name}"


def _whole(family: Family, person: Person) -> str:
    father = (person.member.patronymic or "").split(" ")[0]
    return f"{_both(person)} {father} {family.origin.settlement}"


def _typo(chance: Random, text: str, slips: int = 1) -> str:
    words = text.split()
    long = [at for at, word in enumerate(words) if len(word) >= 4]
    for at in chance.sample(long, min(slips, len(long))):
        words[at] = slip(words[at], chance)
    return " ".join(words)


def _phone(person: Person) -> str | None:
    phone = person.member.phone
    return phone and f"0{phone[4:6]} {phone[6:9]} {phone[9:11]} {phone[11:]}"


_KINDS: dict[str, Make] = {
    "family name": lambda _, __, p: p.member.family_name,
    "family name, plain Latin": lambda c, _, p: english(p.member.family_name, c),
    "family name, Russian": lambda c, _, p: russian(p.member.family_name, c),
    "given and family name": lambda _, __, p: _both(p),
    "names, father and village": lambda _, f, p: _whole(f, p),
    "the same, plain Latin": lambda c, f, p: english(_whole(f, p), c),
    "the same without signs": lambda c, f, p: bare(_whole(f, p), c),
    "the same, Russian": lambda c, f, p: russian(_whole(f, p), c),
    "the same, one slip": lambda c, f, p: _typo(c, _whole(f, p)),
    "the same, slips in two words": lambda c, f, p: _typo(c, _whole(f, p), 2),
    "beginnings of both names": lambda _, __, p: (
        f"{p.member.given_name[:3]} {p.member.family_name[:4]}"
    ),
    "three letters": lambda _, __, p: p.member.family_name[:3],
    "village": lambda _, f, __: f.origin.settlement,
    "FIN": lambda _, __, p: p.member.fin,
    "whole phone": lambda _, __, p: _phone(p),
    "last four digits": lambda _, __, p: p.member.phone and p.member.phone[-4:],
    "given name and last four digits": lambda _, __, p: (
        p.member.phone and f"{p.member.given_name} {p.member.phone[-4:]}"
    ),
    "nobody": lambda c, _, __: "".join(c.choices("bcdfglmnprstv", k=9)),
}

IDENTIFYING = (
    "names, father and village",
    "the same, plain Latin",
    "the same without signs",
    "the same, Russian",
    "the same, one slip",
    "the same, slips in two words",
    "FIN",
    "whole phone",
)
"""Kinds that mean one person, or hardly more."""
