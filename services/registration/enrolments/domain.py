"""Enrolments: who has seats and who waits. Seats are counted in people."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Status = Literal["confirmed", "waitlisted", "cancelled"]
CancelledBy = Literal["family", "staff", "event"]
OfferEnd = Literal["expired", "declined", "withdrawn"]

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TICKET_LENGTH = 26  # 130 bits: nobody guesses one
_MISREAD = str.maketrans("OIL", "011", " -")


class NotOfFamilyError(Exception):
    """The person at this place of the list is not of the family."""

    def __init__(self, index: int) -> None:
        super().__init__("not a member of the family")
        self.index = index


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Seats of a family at one event, or its place in the waiting list.

    `entry` grows in the order of enrolling at one event. Until `offer_expires_at` seats are kept
    for a family that waits; `offer_missed` says that it let an offer pass in this round.
    """

    id: UUID
    event_id: UUID
    family_id: UUID
    person_ids: tuple[UUID, ...]
    origin_district: str
    status: Status
    ticket: str
    version: int
    entry: int
    created_at: datetime
    cancelled_by: CancelledBy | None = None
    waiting_position: int | None = None
    offer_expires_at: datetime | None = None
    offer_missed: bool = False

    @property
    def seats(self) -> int:
        """How many people it seats."""
        return len(self.person_ids)


def choose_persons(members: Sequence[UUID], asked: Sequence[UUID] | None) -> tuple[UUID, ...]:
    """Choose who comes: every member, or those asked for, in the family's order.

    Raises:
        NotOfFamilyError: one that is asked for is not a member.
    """
    if asked is None:
        return tuple(members)
    for index, person_id in enumerate(asked):
        if person_id not in members:
            raise NotOfFamilyError(index)
    return tuple(person_id for person_id in members if person_id in asked)


def new_ticket() -> str:
    """Make a ticket: 26 characters of Crockford's base 32, unguessable."""
    return "".join(secrets.choice(_CROCKFORD) for _ in range(_TICKET_LENGTH))


def read_ticket(typed: str) -> str:
    """Read a ticket as people type it: any case, spaced or dashed, O for 0, I and L for 1."""
    return typed.upper().translate(_MISREAD)
