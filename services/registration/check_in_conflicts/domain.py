"""Conflicts: check-ins of an offline desk that a person has to settle."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.registration.check_ins.domain import Reason

Decision = Literal["accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a person decided, and why."""

    decision: Decision
    reason: str
    settled_by: str
    settled_at: datetime


@dataclass(frozen=True, slots=True)
class Conflict:
    """A check-in that could not be recorded as it came; `person_ids` are those it is about."""

    id: UUID
    desk: str
    nonce: str
    event_id: UUID | None
    enrolment_id: UUID | None
    ticket: str
    person_ids: tuple[UUID, ...]
    at: datetime
    reason: Reason
    reported_by: str
    entry: int = 0
    settlement: Settlement | None = None
