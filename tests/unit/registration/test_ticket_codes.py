"""The signed code of a ticket: small, strict, and good for nobody who made it elsewhere."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from services.registration.tickets import drawing
from services.registration.tickets.domain import CODE_LENGTH, Ticket, TicketError
from services.registration.tickets.keys import TicketKeys

OLD, NEW = OKPKey.generate_key("Ed25519"), OKPKey.generate_key("Ed25519")
OURS, OTHERS = TicketKeys.of([OLD]), TicketKeys.of([NEW])
TICKET = Ticket(UUID(int=7), UUID(int=8), 5, 1, datetime(2026, 12, 1, 10, tzinfo=UTC))
CODE = OURS.write(TICKET)


def fault(code: str, keys: TicketKeys = OURS) -> str:
    with pytest.raises(TicketError) as refused:
        keys.read(code)
    return refused.value.fault


@given(
    st.builds(
        Ticket,
        event_id=st.uuids(),
        enrolment_id=st.uuids(),
        seats=st.integers(1, 255),
        serial=st.integers(1, 2**32 - 1),
        issued_at=st.integers(0, 2**32 - 1).map(lambda at: datetime.fromtimestamp(at, UTC)),
    )
)
def test_a_ticket_is_read_as_it_was_written_and_fits_a_small_qr_code(ticket: Ticket) -> None:
    code = OURS.write(ticket)
    assert len(code) == CODE_LENGTH == 178
    assert OURS.read(code) == ticket
    assert OURS.write(ticket) == code
    qr = drawing.qr_code(code)
    assert (qr.version, qr.error, qr.mode) == (7, "M", "alphanumeric")


def test_each_kind_of_wrong_code_has_its_own_reason() -> None:
    assert fault(CODE[:-1]) == "ticket-incomplete"
    assert fault("Q1.") == "ticket-incomplete"
    assert fault(CODE + "0") == "ticket-unreadable"
    assert fault(CODE[:50] + "U" + CODE[51:]) == "ticket-unreadable"
    assert fault(CODE, OTHERS) == "ticket-unknown-key"


@given(st.integers(3, CODE_LENGTH - 1), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_no_letter_can_be_changed(place: int, letter: str) -> None:
    forged = CODE[:place] + letter + CODE[place + 1 :]
    if forged != CODE:
        assert fault(forged) in {"ticket-forged", "ticket-unknown-key", "ticket-unreadable"}


def test_an_old_key_still_verifies_when_a_new_one_signs() -> None:
    rotated = TicketKeys.of([NEW, OLD])
    assert rotated.read(CODE) == TICKET
    assert OTHERS.read(rotated.write(TICKET)) == TICKET
    assert [set(key) & {"d"} for key in rotated.public_set["keys"]] == [set(), set()]


def test_pictures_are_pictures() -> None:
    assert drawing.as_svg(CODE).startswith(b"<?xml")
    assert drawing.as_png(CODE).startswith(b"\x89PNG")
