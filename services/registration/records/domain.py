"""The whole record of one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.registration.audit.domain import Entry
from services.registration.consents.domain import Recorded
from services.registration.enrolments.domain import Enrolment
from services.registration.families.domain import Family, Person
from services.registration.history.domain import Version

MOST = 2_000
"""How many of each kind of thing a record lists, the newest first."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """That the person was at an event."""

    event_id: UUID
    enrolment_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """What this service keeps of a person; of other people only that they are of the family."""

    person: Person
    family: Family
    versions: Sequence[Version]
    consents: Sequence[Recorded]
    enrolments: Sequence[Enrolment]
    attendance: Sequence[Attendance]
    acts: Sequence[Entry]
