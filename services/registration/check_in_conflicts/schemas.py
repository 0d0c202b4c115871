"""HTTP bodies of conflicts."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.registration.check_in_conflicts import domain
from services.registration.check_in_conflicts.domain import Decision
from services.registration.check_ins.domain import Reason
from shared.text import Line


class Settlement(BaseModel):
    """What a person decided: whether those in conflict count as having been there, and why."""

    model_config = ConfigDict(extra="forbid")

    decision: Decision
    reason: Line


class Settled(BaseModel):
    """What was decided, why, by whom and when."""

    decision: Decision
    reason: str
    by: str
    at: datetime


class Conflict(BaseModel):
    """A check-in that could not be recorded as it came; `person_ids` are those it is about."""

    id: UUID
    desk: str
    nonce: str
    event_id: UUID | None
    enrolment_id: UUID | None
    person_ids: list[UUID]
    at: datetime
    reason: Reason
    reported_by: str
    settled: Settled | None

    @classmethod
    def of(cls, conflict: domain.Conflict) -> "Conflict":
        """Make it of an entity."""
        settlement = conflict.settlement
        return cls(
            id=conflict.id,
            desk=conflict.desk,
            nonce=conflict.nonce,
            event_id=conflict.event_id,
            enrolment_id=conflict.enrolment_id,
            person_ids=list(conflict.person_ids),
            at=conflict.at,
            reason=conflict.reason,
            reported_by=conflict.reported_by,
            settled=None
            if settlement is None
            else Settled(
                decision=settlement.decision,
                reason=settlement.reason,
                by=settlement.settled_by,
                at=settlement.settled_at,
            ),
        )
