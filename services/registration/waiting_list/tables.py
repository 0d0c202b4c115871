"""The rows of the waiting list's decisions; nobody changes or removes one."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Table, func
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.database import Base
from services.registration.enrolments.tables import EnrolmentRow


class WaitingDecisionRow(Base):
    """What was decided for one family in one walk of the list, and on what grounds."""

    __tablename__ = "waiting_decisions"
    __table_args__ = (Index(None, "enrolment_id", "entry"),)

    entry: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey(EnrolmentRow.id))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    cause: Mapped[str]
    free: Mapped[int]
    needed: Mapped[int]
    reason: Mapped[str]


DECISIONS = cast(Table, WaitingDecisionRow.__table__)
