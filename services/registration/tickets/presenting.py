"""A ticket as a desk presents it: scanned or typed, signed or short."""

from dataclasses import dataclass

from services.registration.enrolments.domain import read_ticket
from services.registration.tickets.domain import Fault, Ticket, TicketError, is_signed
from services.registration.tickets.keys import TicketKeys


@dataclass(frozen=True, slots=True)
class Presented:
    """What was presented: a short code, or what a signed one says, or what is wrong with it."""

    code: str | None = None
    ticket: Ticket | None = None
    fault: Fault | None = None


def present(keys: TicketKeys, typed: str) -> Presented:
    """Read a ticket in any case, spaced, dashed or broken, with O for 0, I and L for 1."""
    text = read_ticket("".join(typed.split()))
    if not is_signed(text):
        return Presented(code=text)
    try:
        return Presented(ticket=keys.read(text))
    except TicketError as wrong:
        return Presented(fault=wrong.fault)
