"""Who belongs to whom after a death, a new head, a split or a join."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.families.domain import (
    Family,
    Member,
    Origin,
    Person,
    Relation,
    Residence,
    check_members,
)
from services.registration.family_changes.domain import (
    FamilyChangeError,
    Leaving,
    Succession,
    join,
    split,
    with_head,
    without_person,
)

NOW = datetime(2026, 11, 25, tzinfo=UTC)
RELATIONS: tuple[Relation, ...] = (
    "spouse",
    "child",
    "parent",
    "sibling",
    "grandchild",
    "other",
)


def id_(number: int) -> UUID:
    return UUID(int=number)


def person(number: int, relation: Relation) -> Person:
    member = Member(
        given_name=f"Ad{number}",
        family_name="Həsənov",
        patronymic=None,
        sex="male",
        birth_date=date(1980, 1, 1),
        fin=None,
        phone=None,
        email=None,
        language="az",
        relation=relation,
    )
    return Person(id_(number), 1, member)


def family(*relations: Relation, first: int = 1, number: int = 1000) -> Family:
    return Family(
        id=id_(number),
        version=1,
        created_at=NOW,
        origin=Origin("AZ-AGM", "Novruzlu"),
        residence=Residence("AZ-BAR", "Bərdə", None),
        consent=None,
        persons=tuple(person(first + place, each) for place, each in enumerate(relations)),
    )


def relations_of(of: Family) -> list[Relation]:
    return [each.member.relation for each in of.persons]


families = st.lists(st.sampled_from(RELATIONS), max_size=8).map(lambda each: family("head", *each))


def leave(*persons: int, head: int, staying_head: int | None = None) -> Leaving:
    return Leaving(
        person_ids=tuple(map(id_, persons)),
        head_id=id_(head),
        staying_head_id=None if staying_head is None else id_(staying_head),
        residence=None,
        relations={},
    )


def test_a_widow_heads_the_family_and_the_children_stay_children() -> None:
    left = without_person(family("head", "spouse", "child"), id_(1), Succession(id_(2), {}))
    assert relations_of(left) == ["head", "child"]


def test_a_son_heads_the_family_of_his_parents() -> None:
    restated = with_head(family("head", "spouse", "child", "child"), id_(3), {})
    assert relations_of(restated) == ["parent", "parent", "head", "sibling"]


def test_what_the_desk_says_of_a_relation_wins() -> None:
    restated = with_head(family("head", "spouse", "other"), id_(2), {id_(3): "child"})
    assert relations_of(restated) == ["spouse", "head", "child"]


@given(families, st.data())
def test_there_is_always_one_head_and_nobody_is_lost(of: Family, data: st.DataObject) -> None:
    head = data.draw(st.sampled_from(of.persons)).id
    restated = with_head(of, head, {})
    check_members([each.member for each in restated.persons])
    assert [each.id for each in restated.persons] == [each.id for each in of.persons]


@given(families, st.data())
def test_a_split_keeps_everyone_once_and_both_are_families(of: Family, data: st.DataObject) -> None:
    if len(of.persons) < 2:
        return
    ids = [each.id for each in of.persons]
    away = data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=len(ids) - 1, unique=True))
    home = [each for each in ids if each not in away]
    leaving = Leaving(tuple(away), away[0], home[0], None, {})
    stays, left = split(of, leaving, id_(9), NOW)
    for each in (stays, left):
        check_members([person.member for person in each.persons])
    assert sorted([*(each.id for each in stays.persons), *(each.id for each in left.persons)]) == (
        sorted(ids)
    )
    assert {each.version for each in left.persons} == {2}
    assert (left.id, left.version, left.residence) == (id_(9), 1, of.residence)


def test_a_join_takes_everyone_in_and_closes_the_other() -> None:
    one, other = family("head", "spouse"), family("head", "child", first=10, number=2000)
    joined, closed = join(one, other, {id_(10): "sibling"})
    assert relations_of(joined) == ["head", "spouse", "sibling", "other"]
    assert (closed.persons, closed.successor_id) == ((), one.id)


@pytest.mark.parametrize(
    ("leaving", "field"),
    [
        (leave(1, 2, 3, head=1), "person_ids"),
        (leave(9, head=9), "person_ids.0"),
        (leave(2, head=3), "head_id"),
        (leave(1, head=1), "staying_head_id"),
        (leave(1, head=1, staying_head=1), "staying_head_id"),
        (leave(1, head=1, staying_head=9), "head_id"),
        (replace(leave(2, head=2), relations={id_(9): "child"}), "relations.00000000"),
        (replace(leave(2, 3, head=2), relations={id_(3): "head"}), "relations.00000000"),
    ],
)
def test_a_split_that_makes_no_family_names_the_field(leaving: Leaving, field: str) -> None:
    with pytest.raises(FamilyChangeError) as refused:
        split(family("head", "spouse", "child"), leaving, id_(9), NOW)
    assert refused.value.field.startswith(field)


@pytest.mark.parametrize(
    ("gone", "head", "field"),
    [(1, None, "head_id"), (1, 1, "head_id"), (9, None, "person_id"), (1, 9, "head_id")],
)
def test_a_death_that_leaves_no_family_names_the_field(
    gone: int, head: int | None, field: str
) -> None:
    succession = Succession(None if head is None else id_(head), {})
    with pytest.raises(FamilyChangeError) as refused:
        without_person(family("head", "spouse"), id_(gone), succession)
    assert refused.value.field == field


def test_the_last_member_cannot_leave_and_a_family_cannot_join_itself() -> None:
    with pytest.raises(FamilyChangeError, match="last member"):
        without_person(family("head"), id_(1), Succession(None, {}))
    with pytest.raises(FamilyChangeError, match="is this family"):
        join(family("head"), family("head"), {})
    big = family("head", *(("child",) * 29))
    with pytest.raises(FamilyChangeError, match="more than 30"):
        join(big, family("head", first=100, number=2000), {id_(100): "other"})
    with pytest.raises(FamilyChangeError) as refused:
        join(family("head"), family("head", first=100, number=2000), {})
    assert refused.value.field == f"relations.{id_(100)}"
