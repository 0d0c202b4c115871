"""The rows of conflicts."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Table,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.calendar.tables import EventRow
from services.registration.database import Base
from services.registration.enrolments.tables import EnrolmentRow


class ConflictRow(Base):
    """A check-in that a desk made offline and that could not be recorded as it came.

    `person_ids` are those it is about; what else the check-in said was recorded. The decision is
    set once, by a person.
    """

    __tablename__ = "check_in_conflicts"
    __table_args__ = (
        CheckConstraint("decision IN ('accepted', 'rejected')", name="decision"),
        CheckConstraint(
            "num_nulls(decision, decision_reason, settled_by, settled_at) IN (0, 4)",
            name="settled_whole",
        ),
        UniqueConstraint("id"),
        UniqueConstraint("desk", "nonce"),
        Index(None, "event_id", "entry"),
    )

    entry: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    id: Mapped[UUID]
    desk: Mapped[str]
    nonce: Mapped[str]
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey(EventRow.id))
    enrolment_id: Mapped[UUID | None] = mapped_column(ForeignKey(EnrolmentRow.id))
    ticket: Mapped[str]
    person_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    at: Mapped[datetime]
    reason: Mapped[str]
    reported_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    decision: Mapped[str | None]
    decision_reason: Mapped[str | None]
    settled_by: Mapped[str | None]
    settled_at: Mapped[datetime | None]


CONFLICTS = cast(Table, ConflictRow.__table__)
