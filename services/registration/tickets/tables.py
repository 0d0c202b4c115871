"""The rows of tickets."""

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
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.calendar.tables import EventRow
from services.registration.database import Base
from services.registration.enrolments.tables import EnrolmentRow


class TicketRevocationRow(Base):
    """A ticket that counts no longer; `code` is its short code. Nobody changes or removes one.

    A ticket has no row of its own: its serial is one more than the last that was revoked. A trigger
    writes the row of an enrolment that is cancelled, whatever cancelled it. `version` is given
    under the event's lock, so it is the order of an event's list.
    """

    __tablename__ = "ticket_revocations"
    __table_args__ = (
        CheckConstraint("cause IN ('reissued', 'cancelled')", name="cause"),
        UniqueConstraint("enrolment_id", "serial"),
        Index(None, "code"),
        Index(None, "event_id", "version"),
    )

    version: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey(EventRow.id))
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey(EnrolmentRow.id))
    serial: Mapped[int]
    code: Mapped[str]
    cause: Mapped[str]
    reason: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


TICKET_REVOCATIONS = cast(Table, TicketRevocationRow.__table__)
