"""The rows of check-ins."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Table, Uuid, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.database import Base
from services.registration.enrolments.tables import EnrolmentRow


class CheckInRow(Base):
    """One call from the desk, kept by its nonce with what was answered.

    `desk` is the one that brought it later, None for a call with the network there.
    """

    __tablename__ = "check_ins"
    __table_args__ = (Index(None, "enrolment_id"),)

    nonce: Mapped[str] = mapped_column(primary_key=True)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey(EnrolmentRow.id))
    person_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    attended: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    at: Mapped[datetime]
    desk: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AttendanceRow(Base):
    """One person was at one event; the first check-in counts, `nonce` tells which that was."""

    __tablename__ = "attendance"
    __table_args__ = (Index(None, "enrolment_id"),)

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey(EnrolmentRow.id))
    at: Mapped[datetime]
    nonce: Mapped[str | None]


CHECK_INS = cast(Table, CheckInRow.__table__)
ATTENDANCE = cast(Table, AttendanceRow.__table__)
