"""Rows of enrolments."""

from uuid import UUID

from sqlalchemy import Index, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.database import Base


class EnrolmentRow(Base):
    """One family's seats, or its place in the waiting list, at one event."""

    __tablename__ = "enrolments"
    __table_args__ = (Index("ix_enrolments_event_id", "event_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    event_id: Mapped[UUID]
    family_id: Mapped[UUID]
    person_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    status: Mapped[str]
    cancelled_by: Mapped[str | None]
    waiting_position: Mapped[int | None]
