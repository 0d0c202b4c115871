"""Check-ins: the proof that a person was there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


class NotEnrolledError(Exception):
    """The person at this place of the list has no seat by this ticket."""

    def __init__(self, index: int) -> None:
        super().__init__("not in the enrolment")
        self.index = index


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One call from the desk; `attended` are all of the enrolment who were there by then."""

    nonce: str
    enrolment_id: UUID
    event_id: UUID
    family_id: UUID
    person_ids: tuple[UUID, ...]
    at: datetime
    attended: tuple[UUID, ...]


def check_enrolled(enrolled: Sequence[UUID], persons: Sequence[UUID]) -> None:
    """Check that persons have seats by a ticket.

    Raises:
        NotEnrolledError: one has not.
    """
    for index, person_id in enumerate(persons):
        if person_id not in enrolled:
            raise NotEnrolledError(index)
