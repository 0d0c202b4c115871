"""How alike two registrations are: what agrees and differs, each with its weight.

After Fellegi and Sunter, "A Theory for Record Linkage" (1969): a weight is about the logarithm, to
base 2, of how much oftener a thing is seen between two registrations of one person than between
those of two. Their sum makes the score.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Literal
from uuid import UUID

from services.registration.search.domain import distance

State = Literal["open", "dismissed", "merged", "lapsed"]
Decision = Literal["dismissed", "merged"]

THRESHOLD = 0.5
"""From this score on two registrations are a case to review."""

PROMISING = -6.0
"""With less than this, nothing that a household could add would make a case."""

SUPPORTING = 0.0
"""Whom a pair outweighs by so much speaks for others of their households."""

_ODDS = 15.0
"""What the weights must outweigh: few of all pairs that share a block are one person."""

WEIGHTS = {
    "given_name.same": 5.0,
    "given_name.spelling": 4.5,
    "given_name.near": 2.0,
    "given_name.differs": -11.0,
    "family_name.same": 4.5,
    "family_name.spelling": 4.0,
    "family_name.near": 2.0,
    "family_name.differs": -4.0,
    "family_name.maiden": -0.5,
    "patronymic.same": 4.0,
    "patronymic.near": 1.5,
    "patronymic.differs": -5.0,
    "birth_date.same": 9.0,
    "birth_date.swapped": 7.5,
    "birth_date.near": 4.5,
    "birth_date.year_off": 5.0,
    "birth_date.year_only": 1.5,
    "birth_date.differs": -10.0,
    "sex.differs": -6.0,
    "origin.same": 3.0,
    "origin.district": 0.5,
    "origin.differs": -2.5,
    "phone.same": 3.5,
    "fin.near": 1.0,
    "fin.differs": -12.0,
    "household.alike": 6.0,
    "household.some": 3.0,
    "household.differs": -1.5,
    "household.own": -4.0,
}
"""What each thing is worth, in bits; codes are answered as they are."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it was spelled, and the keys that its spellings share."""

    spelling: str
    readings: frozenset[str]


@dataclass(frozen=True, slots=True)
class Record:
    """One registered person as far as it is compared; `phone` is a keyed index.

    Without `fin`, only what does not need it opened is compared.
    """

    person_id: UUID
    family_id: UUID
    given: Name
    family: Name
    father: Name | None
    born: date
    sex: str
    district: str
    settlement: frozenset[str]
    phone: bytes | None
    fin: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that agrees or differs, and what it is worth."""

    code: str
    weight: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two persons are, from 0 to 1, and why; of a pair the smaller id stands first."""

    one: UUID
    other: UUID
    score: float
    reasons: tuple[Reason, ...]


def compare(one: Record, other: Record) -> list[Reason]:
    """Say what of two persons agrees and differs, whatever their households."""
    codes = (
        f"given_name.{_names(one.given, other.given)}",
        _family_names(one, other),
        _fathers(one, other),
        f"birth_date.{_dates(one.born, other.born)}",
        "sex.differs" if one.sex != other.sex else None,
        _origins(one, other),
        "phone.same" if one.phone and one.phone == other.phone else None,
        _fins(one.fin, other.fin),
    )
    return [Reason(code, WEIGHTS[code]) for code in codes if code]


def weigh(reasons: Iterable[Reason]) -> float:
    """Sum up what the reasons are worth."""
    return sum(reason.weight for reason in reasons) - _ODDS


def match_families(one: Sequence[Record], other: Sequence[Record]) -> list[Likeness]:
    """Find the persons of two families who are likely the same, the likeliest first.

    Who else is alike speaks for a pair. Within one family only the same name counts: twins have
    all but the given name in common, and often a name that is one letter away.
    """
    within = one is other or (one and other and one[0].family_id == other[0].family_id)
    pairs = [
        (mine, theirs, compare(mine, theirs))
        for mine, theirs in product(one, other)
        if not within or mine.person_id < theirs.person_id
    ]
    if within:
        pairs = [each for each in pairs if not _twins(each[2])]
    promising = [each for each in pairs if weigh(each[2]) >= PROMISING]
    found = []
    for mine, theirs, reasons in promising:
        household = _household(mine, theirs, promising, (len(one), len(other)), bool(within))
        whole = [*reasons, *([household] if household else [])]
        score = _score(weigh(whole))
        if score >= THRESHOLD:
            first, second = sorted((mine.person_id, theirs.person_id))
            found.append(Likeness(first, second, score, tuple(whole)))
    return sorted(found, key=lambda each: (-each.score, each.one, each.other))


def _household(
    mine: Record,
    theirs: Record,
    alike: Sequence[tuple[Record, Record, list[Reason]]],
    sizes: tuple[int, int],
    within: bool,
) -> Reason | None:
    if within:
        return Reason("household.own", WEIGHTS["household.own"])
    others = min(sizes) - 1
    if others < 1:
        return None
    met = {
        a.person_id
        for a, b, reasons in alike
        if a is not mine and b is not theirs and weigh(reasons) >= SUPPORTING
    }
    share = len(met) / others
    kind = "alike" if share >= 0.5 else "some" if met else "differs" if others > 1 else None
    return Reason(f"household.{kind}", WEIGHTS[f"household.{kind}"]) if kind else None


def _twins(reasons: Iterable[Reason]) -> bool:
    return any(reason.code in {"given_name.near", "given_name.differs"} for reason in reasons)


def _score(weight: float) -> float:
    return round(1 / (1 + 2 ** max(-60.0, min(60.0, -weight / 2))), 3)


def _names(one: Name, other: Name) -> str:
    if one.spelling == other.spelling:
        return "same"
    if one.readings & other.readings:
        return "spelling"
    return "near" if _near(one.readings, other.readings) else "differs"


def _near(ones: frozenset[str], others: frozenset[str]) -> bool:
    """Whether a slip or two makes one of the other, or one is the other's beginning."""
    for one, other in product(ones, others):
        shorter = min(len(one), len(other))
        if shorter >= 4 and (one.startswith(other) or other.startswith(one)):
            return True
        allowed = 0 if shorter < 4 else 1 if shorter < 7 else 2
        if allowed and distance(one, other, allowed) <= allowed:
            return True
    return False


def _family_names(one: Record, other: Record) -> str:
    kind = _names(one.family, other.family)
    # A woman may stand under her father's name in one list and her husband's in another.
    if kind == "differs" and one.sex == other.sex == "female":
        kind = "maiden"
    return f"family_name.{kind}"


def _fathers(one: Record, other: Record) -> str | None:
    if one.father is None or other.father is None:
        return None
    kind = _names(one.father, other.father)
    return f"patronymic.{'same' if kind == 'spelling' else kind}"


def _dates(one: date, other: date) -> str:
    if one == other:
        return "same"
    if one.year == other.year and (one.day, one.month) == (other.month, other.day):
        return "swapped"
    if (one.day, one.month) == (other.day, other.month) and abs(one.year - other.year) == 1:
        return "year_off"
    if _one_digit(one, other) or abs((one - other).days) <= 2:
        return "near"
    unknown = any((each.day, each.month) == (1, 1) for each in (one, other))
    return "year_only" if one.year == other.year and unknown else "differs"


def _one_digit(one: date, other: date) -> bool:
    digits = zip(one.isoformat(), other.isoformat(), strict=True)
    return sum(mine != theirs for mine, theirs in digits) == 1


def _origins(one: Record, other: Record) -> str:
    if one.district != other.district:
        return "origin.differs"
    if one.settlement & other.settlement or _near(one.settlement, other.settlement):
        return "origin.same"
    return "origin.district"


def _fins(one: str | None, other: str | None) -> str | None:
    if not one or not other or one == other:
        return None
    return "fin.near" if distance(one, other, 1) <= 1 else "fin.differs"
