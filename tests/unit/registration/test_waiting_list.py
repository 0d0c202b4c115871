"""The rules of seats, pure."""

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.registration.enrolments.domain import (
    Waiting,
    choose_promoted,
    first_status,
    new_ticket,
    read_ticket,
)

SIZES = st.lists(st.integers(1, 8), max_size=30)


def test_a_family_that_does_not_fit_whole_waits() -> None:
    assert first_status(4, 2, 2) == "confirmed"
    assert first_status(4, 2, 3) == "waitlisted"


@given(st.integers(0, 40), SIZES)
def test_promotion_never_oversells_and_passes_over_nobody_who_fits(
    free: int, sizes: list[int]
) -> None:
    waiting = [Waiting(uuid4(), size) for size in sizes]
    chosen: list[UUID] = choose_promoted(free, waiting)
    for family in waiting:
        if family.enrolment_id in chosen:
            free -= family.seats
        else:
            assert family.seats > free
    assert free >= 0


def test_a_ticket_is_read_back_however_it_is_typed() -> None:
    ticket = new_ticket()
    assert len(ticket) == 26
    assert read_ticket(f" {ticket[:13].lower()}-{ticket[13:]}".replace("0", "O")) == ticket
