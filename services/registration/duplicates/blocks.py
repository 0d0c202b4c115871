"""Blocks: numbers that two registrations of one person share, so that few others are compared.

Each is made of things that are seldom wrong together. What is stored is one number for each block;
who looks for a person asks for those of a swapped or mistaken date too.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from zlib import crc32

from services.registration.duplicates.domain import Name, Record
from services.registration.families.domain import Family, Person
from services.registration.families.name_keys import words_of
from services.registration.families.sealed import phone_index
from services.registration.search.keys import telling
from shared.sealing import Sealer

_COARSE = str.maketrans({"q": "h", "i": "a", "o": "u"})


@dataclass(frozen=True, slots=True)
class _Dates:
    """The birth dates under which a person may stand."""

    likely: tuple[date, ...]
    years: tuple[int, ...]


def records_of(sealer: Sealer, family: Family) -> list[Record]:
    """Make what is compared of every member."""
    return [_record(sealer, family, person) for person in family.persons]


def stored(record: Record) -> list[int]:
    """The blocks that a person is in."""
    return _blocks(record, _Dates((record.born,), (record.born.year,)))


def asked(record: Record) -> list[int]:
    """The blocks in which a person may be registered already."""
    born = record.born
    dates = [born]
    with suppress(ValueError):
        dates.append(born.replace(month=born.day, day=born.month))
    for years in (-1, 1):
        with suppress(ValueError):
            dates.append(born.replace(year=born.year + years))
    return _blocks(record, _Dates(tuple(dates), (born.year - 1, born.year, born.year + 1)))


@lru_cache(maxsize=16_384)
def name_of(text: str) -> Name:
    """Make a name that can be compared: words that belong together in one."""
    spelling = "".join(word.spelling for word in telling(words_of(text)))
    readings = {_stem(each) for word in words_of(spelling) for each in word.readings}
    return Name(spelling, frozenset(readings))


def _stem(fold: str) -> str:
    """Let Əliyeva stand under Əliyev."""
    return fold[:-1] if len(fold) > 4 and fold.endswith(("ava", "ova")) else fold


def _record(sealer: Sealer, family: Family, person: Person) -> Record:
    member = person.member
    return Record(
        person_id=person.id,
        family_id=family.id,
        given=name_of(member.given_name),
        family=name_of(member.family_name),
        father=name_of(member.patronymic) if member.patronymic else None,
        born=member.birth_date,
        sex=member.sex,
        district=family.origin.district,
        settlement=name_of(family.origin.settlement).readings,
        phone=phone_index(sealer, member.phone) if member.phone else None,
        fin=member.fin,
    )


def _blocks(record: Record, dates: _Dates) -> list[int]:
    given, family = _coarse(record.given), _coarse(record.family)
    numbers = {_number(*parts) for parts in _parts(record, dates, given, family)}
    return sorted(numbers)


def _parts(record: Record, dates: _Dates, given: str, family: str) -> Iterator[tuple[object, ...]]:
    for born in dates.likely:
        yield "born there", born, record.district
        yield "born, given", born, given
        yield "born, family", born, family
    for year in dates.years:
        yield "names, year", given, family, year
    if record.father:
        father, village = _coarse(record.father), _least(record.settlement)
        yield "father, village", given, father, village
    if record.phone:
        # The keyed index: a number made of the phone itself would give it away.
        yield "phone", given, record.phone.hex()


def _coarse(name: Name) -> str:
    """One key for all readings, coarser than they are."""
    return _least(frozenset(each.translate(_COARSE) for each in name.readings))


def _least(readings: frozenset[str]) -> str:
    return min(readings, default="")


def _number(*parts: object) -> int:
    return crc32("\0".join(map(str, parts)).encode()) - 2**31
