"""How near a typed word is to a registered one, and in which order persons are answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Literal
from uuid import UUID
from zlib import crc32

Nearness = Literal["exact", "spelling", "beginning", "typo", "typos"]
By = Literal["exact", "spelling", "beginning", "typo", "typos", "fin", "phone", "ticket"]

WEIGHTS: Mapping[By, float] = {
    "fin": 1.0,
    "ticket": 1.0,
    "exact": 1.0,
    "phone": 0.95,
    "spelling": 0.9,
    "beginning": 0.7,
    "typo": 0.5,
    "typos": 0.3,
}
"""What each way of matching a term is worth."""

MOST_EDITS = 2
_VARIED = 7
"""Letters at the beginning of a word that variants are made of; the rest is compared alone."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who may be meant; `order` places names as the alphabet does."""

    person_id: UUID
    words: frozenset[int]
    order: str


@dataclass(frozen=True, slots=True)
class Match:
    """Which term was met, by what; `spelling` is that of the registered word."""

    term: str
    by: By
    spelling: str | None = None


@dataclass(frozen=True, slots=True)
class Meant:
    """A registered word that may be meant, and how near it is to what was typed."""

    spelling: str
    near: Nearness


@dataclass(frozen=True, slots=True)
class Term:
    """One typed word and the registered words it may mean, each with how near it is."""

    text: str
    words: Mapping[int, Meant]

    def best(self, words: Iterable[int]) -> Match | None:
        """The nearest of some words, None where none is meant."""
        met = [meant for word in words if (meant := self.words.get(word))]
        if not met:
            return None
        best = max(met, key=lambda meant: WEIGHTS[meant.near])
        return Match(self.text, best.near, best.spelling)

    def only(self, *nearness: Nearness) -> frozenset[int]:
        """The words that are this near."""
        return frozenset(word for word, meant in self.words.items() if meant.near in nearness)


@dataclass(frozen=True, slots=True)
class Found:
    """A person with what was met, and a score from 0 to 1."""

    person_id: UUID
    matches: tuple[Match, ...]
    score: float
    order: str


def rank(found: Iterable[Found], limit: int) -> list[Found]:
    """Put first who meets more terms, then who meets them nearer, then by the alphabet."""
    ordered = sorted(
        found,
        key=lambda each: (-len(each.matches), -each.score, each.order, each.person_id),
    )
    return ordered[:limit]


def judge(
    candidate: Candidate, terms: Sequence[Term], asked: int, known: Sequence[Match] = ()
) -> Found:
    """Count what a person meets of `asked` terms; `known` is what was met by a number."""
    matches = [*known, *(match for term in terms if (match := term.best(candidate.words)))]
    score = min(1.0, sum(WEIGHTS[match.by] for match in matches) / max(asked, 1))
    return Found(candidate.person_id, tuple(matches), round(score, 4), candidate.order)


def edits_allowed(spelling: str) -> int:
    """How many letters of a typed word may be wrong."""
    if len(spelling) < 4:
        return 0
    return 1 if len(spelling) < 6 else MOST_EDITS


@lru_cache(maxsize=65_536)
def distance(one: str, other: str, most: int = MOST_EDITS) -> int:
    """Count letters wrong, missing, too many or swapped (optimal string alignment).

    More than `most` is given as `most + 1`.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        this = [row]
        for column, wanted in enumerate(other, start=1):
            cost = min(
                last[column] + 1, this[column - 1] + 1, last[column - 1] + (letter != wanted)
            )
            swapped = row > 1 and column > 1 and letter == other[column - 2]
            if swapped and one[row - 2] == wanted:
                cost = min(cost, before[column - 2] + 1)
            this.append(cost)
        if min(this) > most:
            return most + 1
        before, last = last, this
    return min(last[-1], most + 1)


def variants(fold: str, edits: int = MOST_EDITS) -> list[int]:
    """Make the numbers by which folds within so many edits meet.

    Symmetric deletion: two words within n edits have a common rest after at most n letters of each
    are left out. Only the beginnings are varied, so a word has 29 variants at most.
    """
    start = fold[:_VARIED]
    rests = {start}
    for many in range(1, min(edits, len(start) - 1) + 1):
        for gone in combinations(range(len(start)), many):
            rests.add("".join(letter for at, letter in enumerate(start) if at not in gone))
    return sorted(crc32(rest.encode()) - 2**31 for rest in rests)
