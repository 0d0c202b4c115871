"""Which words a person is found by."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from services.registration.families.domain import Family, Person
from services.registration.families.name_keys import Word, words_of
from services.registration.search.alphabet import order_of

KINSHIP = frozenset({"oqlu", "ohlu", "oqli", "ohli", "qizi", "qiz", "hizi"})
"""Folds of oğlu and qızı, оглы and кызы: in nearly every patronymic, so they find nobody."""


@dataclass(frozen=True, slots=True)
class PersonKeys:
    """What one person is found by, before words have numbers."""

    person_id: UUID
    family_id: UUID
    order: str
    words: tuple[Word, ...]


def keys_of(family: Family) -> list[PersonKeys]:
    """Make the keys of every member."""
    return [_keys(family, person) for person in family.persons]


def telling(words: list[Word]) -> list[Word]:
    """Leave out what nearly everybody has, unless nothing else is there."""
    return [word for word in words if not word.readings & KINSHIP] or words


def _keys(family: Family, person: Person) -> PersonKeys:
    member = person.member
    texts = (
        member.given_name,
        member.family_name,
        member.patronymic,
        family.origin.settlement,
        family.residence.settlement,
    )
    words = {word.spelling: word for text in texts if text for word in _words(text)}
    order = order_of(member.family_name, member.given_name, member.patronymic)
    return PersonKeys(person.id, family.id, order, tuple(words.values()))


def _words(text: str) -> Iterator[Word]:
    """Give the words, and two or three that stand together as one: Hacı Ağa is Hacıağa too."""
    words = telling(words_of(text))
    yield from words
    if 2 <= len(words) <= 3:
        yield from words_of("".join(word.spelling for word in words))
