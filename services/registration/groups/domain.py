"""Splitting the people of an event over discussion groups; pure, and the same for the same seed.

What is guaranteed, for N groups:

- Everybody is in exactly one group, and no group is empty.
- *mixed, families apart*: sizes differ by at most one; of a family of k at most ceil(k / N) are in
  one group; of each district the numbers in any two groups differ by at most one.
- *mixed, families together*: no family is split. Sizes differ by at most the largest family's
  size, and no moving of one family, nor swapping of two, between the largest and the smallest
  group would make them more even.
- *by district*, with at least as many groups as districts: no group has people of two districts;
  the groups are shared out so that the largest is as small as it can be; inside a district the
  rules above hold for its own groups.
- *by district*, with fewer groups than districts: no district is split, so families are together;
  sizes differ by at most the largest district's size.

The seed decides by SHA-256 alone, so that anybody can do it again in any language.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar
from uuid import UUID

By = Literal["mixed", "district"]
Families = Literal["together", "apart"]
Of = Literal["confirmed", "attended"]


@dataclass(frozen=True, slots=True)
class Participant:
    """One person to be put into a group."""

    person_id: UUID
    family_id: UUID
    district: str


Group = list[Participant]


class TooManyGroupsError(Exception):
    """There are more groups than can be filled; `most` is how many can."""

    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most}")
        self.most = most


def split(
    people: Iterable[Participant], count: int, *, by: By, families: Families, seed: str
) -> list[Group]:
    """Split people over `count` groups, by the guarantees above.

    Raises:
        TooManyGroupsError: a group would stay empty.
    """
    order = _order(seed)
    everyone = sorted(
        people,
        key=lambda each: (order(each.district), order(each.family_id), order(each.person_id)),
    )
    units = _units(everyone, families)
    if count > len(units):
        raise TooManyGroupsError(len(units))
    if by == "mixed":
        return _spread(units, count, families)
    districts = _grouped(everyone, lambda each: each.district)
    if count < len(districts):
        return _pack(districts, count)
    split_districts = [_units(district, families) for district in districts]
    shares = _share_out(split_districts, count)
    return [
        group
        for own_units, share in zip(split_districts, shares, strict=True)
        for group in _spread(own_units, share, families)
    ]


def _order(seed: str) -> Callable[[object], bytes]:
    return lambda value: hashlib.sha256(f"{seed} {value}".encode()).digest()


def _units(people: Sequence[Participant], families: Families) -> list[Group]:
    """What is never split."""
    if families == "apart":
        return [[each] for each in people]
    return _grouped(people, lambda each: each.family_id)


def _spread(units: list[Group], count: int, families: Families) -> list[Group]:
    return _deal(units, count) if families == "apart" else _pack(units, count)


def _deal(units: Sequence[Group], count: int) -> list[Group]:
    """Deal people out like cards: who stands together in the order comes into different groups."""
    return [[each for unit in units[place::count] for each in unit] for place in range(count)]


def _pack(units: Sequence[Group], count: int) -> list[Group]:
    """Put the largest first, each into the smallest group, there where its district is rarest."""
    packed: list[list[Group]] = [[] for _ in range(count)]
    for unit in sorted(units, key=len, reverse=True):
        district = unit[0].district
        smallest = min(
            packed, key=lambda group: (_size(group), _people_of(group, district), len(group))
        )
        smallest.append(unit)
    while _make_more_even(packed):
        pass
    return [[each for unit in group for each in unit] for group in packed]


def _make_more_even(groups: list[list[Group]]) -> bool:
    """Move or swap units between the largest and the smallest group where that helps."""
    smallest, largest = min(groups, key=_size), max(groups, key=_size)
    gap = _size(largest) - _size(smallest)
    for give in largest:
        for take in ([], *smallest):
            if 0 < len(give) - len(take) < gap:
                largest.remove(give)
                smallest.append(give)
                if take:
                    smallest.remove(take)
                    largest.append(take)
                return True
    return False


def _share_out(districts: Sequence[Sequence[Group]], count: int) -> list[int]:
    """Give each district one group, then the next always to the one whose groups are largest."""
    shares = [1] * len(districts)
    for _ in range(count - len(districts)):
        open_ = [place for place, units in enumerate(districts) if shares[place] < len(units)]
        next_ = max(open_, key=lambda place: _size(districts[place]) / shares[place])
        shares[next_] += 1
    return shares


def _size(units: Iterable[Group]) -> int:
    return sum(len(unit) for unit in units)


def _people_of(units: Iterable[Group], district: str) -> int:
    return sum(len(unit) for unit in units if unit[0].district == district)


K = TypeVar("K", str, UUID)


def _grouped(people: Iterable[Participant], key: Callable[[Participant], K]) -> list[Group]:
    grouped: dict[K, Group] = {}
    for each in people:
        grouped.setdefault(key(each), []).append(each)
    return list(grouped.values())
