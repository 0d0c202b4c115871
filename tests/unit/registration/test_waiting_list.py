"""The rules of the waiting list, pure."""

from collections import Counter
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.registration.calendar.domain import Rule
from services.registration.enrolments.domain import new_ticket, read_ticket
from services.registration.waiting_list.domain import Fullness, Outcome, Waiting, consider, walk

AGM, LAC = "AZ-AGM", "AZ-LAC"

FAMILIES = st.lists(
    st.builds(
        Waiting,
        enrolment_id=st.uuids(),
        seats=st.integers(1, 8),
        district=st.sampled_from([AGM, LAC, "AZ-KAL"]),
        offer_missed=st.booleans(),
    ),
    max_size=30,
)
RULES = st.sampled_from(["best_fit", "strict_order"])


@st.composite
def fullnesses(draw: st.DrawFn) -> Fullness:
    taken = draw(st.dictionaries(st.sampled_from([AGM, LAC, "AZ-KAL"]), st.integers(0, 20)))
    caps = draw(st.dictionaries(st.sampled_from([AGM, LAC]), st.integers(1, 20)))
    return Fullness(draw(st.integers(1, 60)), sum(taken.values()), caps, taken)


def waiting(*families: tuple[int, str]) -> list[Waiting]:
    return [Waiting(uuid4(), seats, district) for seats, district in families]


def said(outcomes: list[Outcome]) -> list[str]:
    return [each.refusal or "given" for each in outcomes]


def test_best_fit_lets_a_smaller_family_pass_and_strict_order_nobody() -> None:
    families = waiting((3, AGM), (2, AGM), (1, LAC))
    full = Fullness(10, 8)
    assert said(walk("best_fit", full, families)) == ["too_large", "given", "no_free_seats"]
    strict = said(walk("strict_order", full, families))
    assert strict == ["too_large", "behind_in_order", "behind_in_order"]


def test_who_waits_for_its_district_lets_others_pass_but_strictly_nobody_of_its_own() -> None:
    families = waiting((3, AGM), (2, LAC), (1, AGM))
    full = Fullness(20, 10, {AGM: 10}, {AGM: 8, LAC: 2})
    assert said(walk("best_fit", full, families)) == ["district_full", "given", "given"]
    strict = said(walk("strict_order", full, families))
    assert strict == ["district_full", "given", "behind_in_order"]


def test_a_family_that_could_never_fit_is_in_nobodys_way() -> None:
    families = waiting((6, LAC), (4, AGM), (2, AGM), (2, LAC))
    full = Fullness(5, 0, {AGM: 3}, {})
    said_strictly = said(walk("strict_order", full, families))
    assert said_strictly == ["too_large", "district_full", "given", "given"]


def test_who_let_an_offer_pass_is_skipped_and_in_nobodys_way() -> None:
    families = [Waiting(uuid4(), 2, AGM, offer_missed=True), *waiting((2, AGM))]
    assert said(walk("strict_order", Fullness(4, 2), families)) == ["offer_missed", "given"]


def test_below_a_lowered_capacity_nobody_is_seated() -> None:
    assert said(walk("best_fit", Fullness(4, 6), waiting((1, AGM)))) == ["capacity_lowered"]


@given(RULES, fullnesses(), FAMILIES)
def test_a_walk_never_oversells_and_passes_over_nobody_without_a_reason(
    rule: Rule, full: Fullness, families: list[Waiting]
) -> None:
    outcomes = walk(rule, full, families)
    given_ = [f for f, o in zip(families, outcomes, strict=True) if not o.refusal]
    assert sum(f.seats for f in given_) <= max(full.free, 0)
    left = full.free - sum(f.seats for f in given_)
    rooms = full.rooms
    for district in rooms:
        rooms[district] -= sum(f.seats for f in given_ if f.district == district)
        assert rooms[district] >= min(0, full.rooms[district])
    for place, (family, outcome) in enumerate(zip(families, outcomes, strict=True)):
        fits = family.seats <= min(left, rooms.get(family.district, left))
        if not outcome.refusal:
            assert not family.offer_missed
            if rule == "strict_order":
                assert all(_may_be_passed(full, rooms, f, family, given_) for f in families[:place])
        elif fits and not family.offer_missed:
            assert outcome.refusal == "behind_in_order"


def _may_be_passed(
    full: Fullness, rooms: dict[str, int], first: Waiting, then: Waiting, given_: list[Waiting]
) -> bool:
    if first in given_ or first.offer_missed or not full.could_seat(first):
        return True
    return first.district != then.district and first.seats > rooms.get(first.district, 99)


@given(RULES, fullnesses(), FAMILIES, st.integers(1, 8), st.sampled_from([AGM, LAC]))
def test_who_enrols_is_treated_as_the_last_of_the_list(
    rule: Rule, full: Fullness, families: list[Waiting], seats: int, district: str
) -> None:
    applicant = Waiting(None, seats, district)
    full, families = after_a_walk(rule, full, families)
    outcomes = walk(rule, full, [*families, applicant])
    assert all(each.refusal for each in outcomes[:-1]), "a walk leaves nobody who gets seats"
    kinds = [f for f in reversed(families) if not f.offer_missed]
    assert consider(rule, full, kinds, applicant) == outcomes[-1]


def after_a_walk(
    rule: Rule, full: Fullness, families: list[Waiting]
) -> tuple[Fullness, list[Waiting]]:
    """Who still waits when those who get seats have them: each change walks the list."""
    taken = Counter(full.taken_by_district)
    left = []
    for family, outcome in zip(families, walk(rule, full, families), strict=True):
        if outcome.refusal:
            left.append(family)
        else:
            taken[family.district] += family.seats
    return Fullness(full.capacity, taken.total(), full.caps, taken), left


def test_a_ticket_is_read_back_however_it_is_typed() -> None:
    ticket = new_ticket()
    assert len(ticket) == 26
    assert read_ticket(f" {ticket[:13].lower()}-{ticket[13:]}".replace("0", "O")) == ticket
