"""Discussion groups, pure: every person once, sizes even, families and districts as asked."""

import math
from collections import Counter
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.groups.domain import (
    By,
    Families,
    Group,
    Participant,
    TooManyGroupsError,
    split,
)

DISTRICTS = ["AZ-AGM", "AZ-LAC", "AZ-KAL", "AZ-FUZ"]


@st.composite
def crowds(draw: st.DrawFn) -> list[Participant]:
    families = draw(
        st.lists(st.tuples(st.integers(1, 7), st.sampled_from(DISTRICTS)), min_size=1, max_size=25)
    )
    return [
        Participant(UUID(int=number * 100 + member + 1), UUID(int=number), district)
        for number, (size, district) in enumerate(families)
        for member in range(size)
    ]


COUNTS = st.integers(1, 12)
BY = st.sampled_from(["mixed", "district"])
FAMILIES = st.sampled_from(["together", "apart"])


def sizes(groups: list[Group]) -> list[int]:
    return [len(group) for group in groups]


def uneven(groups: list[Group]) -> int:
    return max(sizes(groups)) - min(sizes(groups))


def split_or_none(
    people: list[Participant], count: int, by: By, families: Families
) -> list[Group] | None:
    units = len({each.family_id for each in people}) if families == "together" else len(people)
    if count > units:
        with pytest.raises(TooManyGroupsError, match=f"at most {units}$"):
            split(people, count, by=by, families=families, seed="barda")
        return None
    return split(people, count, by=by, families=families, seed="barda")


@given(crowds(), COUNTS, BY, FAMILIES)
def test_everybody_is_in_one_group_and_none_is_empty(
    people: list[Participant], count: int, by: By, families: Families
) -> None:
    groups = split_or_none(people, count, by, families)
    if groups is not None:
        assert len(groups) == count
        assert all(groups)
        assert Counter(each for group in groups for each in group) == Counter(people)


@given(crowds(), COUNTS)
def test_mixed_and_apart_is_even_in_all_respects(people: list[Participant], count: int) -> None:
    groups = split_or_none(people, count, "mixed", "apart")
    if groups is None:
        return
    assert uneven(groups) <= 1
    for family, size in Counter(each.family_id for each in people).items():
        most = max(sum(each.family_id == family for each in group) for group in groups)
        assert most <= math.ceil(size / count)
    for district in DISTRICTS:
        numbers = [sum(each.district == district for each in group) for group in groups]
        assert max(numbers) - min(numbers) <= 1


@given(crowds(), COUNTS)
def test_mixed_and_together_splits_no_family_and_no_move_makes_it_more_even(
    people: list[Participant], count: int
) -> None:
    groups = split_or_none(people, count, "mixed", "together")
    if groups is None:
        return
    families = Counter(each.family_id for each in people)
    for family in families:
        assert sum(any(each.family_id == family for each in group) for group in groups) == 1
    assert uneven(groups) <= max(families.values())
    largest, smallest = max(groups, key=len), min(groups, key=len)
    gap = len(largest) - len(smallest)
    given_ = {families[each.family_id] for each in largest}
    taken = {0, *(families[each.family_id] for each in smallest)}
    assert not any(0 < give - take < gap for give in given_ for take in taken)


@given(crowds(), COUNTS, FAMILIES)
def test_by_district_mixes_none_when_there_are_enough_groups_and_splits_none_otherwise(
    people: list[Participant], count: int, families: Families
) -> None:
    groups = split_or_none(people, count, "district", families)
    if groups is None:
        return
    districts = Counter(each.district for each in people)
    if count < len(districts):
        for district in districts:
            assert sum(any(e.district == district for e in group) for group in groups) == 1
        assert uneven(groups) <= max(districts.values())
        return
    largest = max(Counter(each.family_id for each in people).values())
    for one, other in combinations(groups, 2):
        assert len({each.district for each in one}) == 1
        if one[0].district == other[0].district:
            assert abs(len(one) - len(other)) <= (1 if families == "apart" else largest)


@given(crowds(), COUNTS, BY, FAMILIES)
def test_the_same_seed_splits_alike_however_the_list_is_ordered(
    people: list[Participant], count: int, by: By, families: Families
) -> None:
    groups = split_or_none(people, count, by, families)
    assert groups == split_or_none(people[::-1], count, by, families)


def test_another_seed_splits_otherwise() -> None:
    people = [Participant(UUID(int=n + 1), UUID(int=n), "AZ-AGM") for n in range(40)]
    one, other = (split(people, 4, by="mixed", families="apart", seed=seed) for seed in "ab")
    assert one != other


def test_the_seminar_of_barda_gives_each_district_its_own_groups() -> None:
    sizes_of = {"AZ-AGM": 30, "AZ-LAC": 20, "AZ-KAL": 10}
    people = [
        Participant(UUID(int=place * 100 + n + 1), UUID(int=n), district)
        for place, (district, size) in enumerate(sizes_of.items())
        for n in range(size)
    ]
    groups = split(people, 6, by="district", families="apart", seed="barda")
    assert sizes(groups) == [10] * 6


def test_swaps_make_even_what_largest_first_leaves_uneven() -> None:
    people = [
        Participant(UUID(int=family * 10 + n + 1), UUID(int=family), "AZ-AGM")
        for family, size in enumerate((3, 3, 2, 2, 2))
        for n in range(size)
    ]
    groups = split(people, 2, by="mixed", families="together", seed="x")
    assert sizes(groups) == [6, 6]


def test_nobody_can_fill_more_groups_than_there_are_families() -> None:
    people = [Participant(UUID(int=n + 1), UUID(int=1), "AZ-AGM") for n in range(5)]
    with pytest.raises(TooManyGroupsError, match="at most 1"):
        split(people, 2, by="mixed", families="together", seed="x")
