"""What the judge under fire makes of numbers and versions that are not as they should be."""

from uuid import UUID

from tests.faults.witness import Heard, gaps, out_of_order

SUBJECT, OTHER = UUID(int=1), UUID(int=2)
CONFIRMED, CANCELLED = "registration.enrolment_confirmed.v1", "registration.enrolment_cancelled.v1"


def heard(kind: str, version: int, sequence: int, subject: UUID = SUBJECT) -> Heard:
    return Heard(f"{kind} {sequence}", kind, subject, version, sequence, {}, 0.0)


def test_what_comes_behind_a_later_one_of_its_subject_is_named() -> None:
    good = [heard(CONFIRMED, 1, 1), heard(CONFIRMED, 9, 2, OTHER), heard(CANCELLED, 2, 1)]
    assert out_of_order(good) == []
    assert out_of_order([heard(CANCELLED, 2, 1), heard(CONFIRMED, 1, 1)]) == [
        f"{CONFIRMED} {SUBJECT} v1 after v2"
    ]


def test_numbers_that_are_missing_or_stand_for_two_are_named() -> None:
    assert gaps([heard(CONFIRMED, 1, 2), heard(CONFIRMED, 2, 1), heard(CANCELLED, 3, 1)]) == []
    assert gaps([heard(CONFIRMED, 1, 1), heard(CONFIRMED, 2, 3), heard(CONFIRMED, 3, 3)]) == [
        f"{CONFIRMED} 2 is missing",
        f"{CONFIRMED} 3 stands for 2",
    ]
