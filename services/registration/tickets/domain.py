"""Tickets: what a family's code says, and how it is written.

A code names an enrolment and nobody: no name, no number of a person. It is written in the letters
of a QR code's alphanumeric mode (ISO/IEC 18004), so that it stays small enough for any phone.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

PREFIX = "Q1."
KEY_NUMBER_BYTES = 4
SIGNATURE_BYTES = 64

_CLAIM_BYTES = KEY_NUMBER_BYTES + 16 + 16 + 4 + 4 + 1
_CODE_BYTES = _CLAIM_BYTES + SIGNATURE_BYTES
_CODE_LETTERS = -(-_CODE_BYTES * 8 // 5)
CODE_LENGTH = len(PREFIX) + _CODE_LETTERS
"""How long every signed code is: 178 letters, a QR code of version 7 at level M."""

_RFC_4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TO_CROCKFORD = str.maketrans(_RFC_4648, _CROCKFORD)
_FROM_CROCKFORD = str.maketrans(_CROCKFORD, _RFC_4648)
_LETTERS = frozenset(_CROCKFORD)

Fault = Literal["ticket-incomplete", "ticket-unreadable", "ticket-unknown-key", "ticket-forged"]
Cause = Literal["reissued", "cancelled"]


class TicketError(Exception):
    """A code that is no ticket of ours, and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a signed code says; `serial` counts the tickets made for one enrolment, from 1."""

    event_id: UUID
    enrolment_id: UUID
    seats: int
    serial: int
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Revocation:
    """A ticket that counts no longer; `version` grows with each one of an event."""

    version: int
    event_id: UUID
    enrolment_id: UUID
    serial: int
    cause: Cause
    at: datetime


def is_signed(typed: str) -> bool:
    """Tell a signed code from the short one."""
    return typed.startswith(PREFIX)


def claim_of(ticket: Ticket, key_number: bytes) -> bytes:
    """Write what a ticket says as the bytes that are signed, after the prefix."""
    return b"".join(
        (
            key_number,
            ticket.event_id.bytes,
            ticket.enrolment_id.bytes,
            ticket.serial.to_bytes(4),
            int(ticket.issued_at.timestamp()).to_bytes(4),
            ticket.seats.to_bytes(1),
        )
    )


def read_claim(claim: bytes) -> Ticket:
    """Read what a ticket says."""
    ids, rest = claim[KEY_NUMBER_BYTES : KEY_NUMBER_BYTES + 32], claim[KEY_NUMBER_BYTES + 32 :]
    return Ticket(
        event_id=UUID(bytes=ids[:16]),
        enrolment_id=UUID(bytes=ids[16:]),
        serial=int.from_bytes(rest[:4]),
        issued_at=datetime.fromtimestamp(int.from_bytes(rest[4:8]), UTC),
        seats=rest[8],
    )


def write_code(claim: bytes, signature: bytes) -> str:
    """Write a claim and its signature as a code."""
    letters = base64.b32encode(claim + signature).decode().rstrip("=")
    return PREFIX + letters.translate(_TO_CROCKFORD)


def read_code(code: str) -> tuple[bytes, bytes]:
    """Split a code into claim and signature.

    Raises:
        TicketError: it is cut short, or no code at all.
    """
    letters = code.removeprefix(PREFIX)
    if not _LETTERS.issuperset(letters) or len(letters) > _CODE_LETTERS:
        raise TicketError("ticket-unreadable")
    if len(letters) < _CODE_LETTERS:
        raise TicketError("ticket-incomplete")
    padding = "=" * (-len(letters) % 8)
    try:
        content = base64.b32decode(letters.translate(_FROM_CROCKFORD) + padding)
    except binascii.Error:
        raise TicketError("ticket-unreadable") from None
    claim, signature = content[:_CLAIM_BYTES], content[_CLAIM_BYTES:]
    # The last letter has bits to spare: only one way of writing a ticket is right.
    if write_code(claim, signature) != PREFIX + letters:
        raise TicketError("ticket-unreadable")
    return claim, signature
