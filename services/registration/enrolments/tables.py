"""The rows of enrolments."""

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
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.calendar.tables import EventRow
from services.registration.database import Base
from services.registration.families.tables import FamilyRow

ACTIVE = text("status IN ('confirmed', 'waitlisted')")
OFFERED = text("offer_expires_at IS NOT NULL")


class EnrolmentRow(Base):
    """Seats of a family at one event, or its place in the waiting list.

    `entry` is given under the event's lock, so it is the order of the waiting list.
    """

    __tablename__ = "enrolments"
    __table_args__ = (
        CheckConstraint("status IN ('confirmed', 'waitlisted', 'cancelled')", name="status"),
        CheckConstraint("cancelled_by IN ('family', 'staff', 'event')", name="cancelled_by"),
        CheckConstraint("seats > 0 AND seats = cardinality(person_ids)", name="seats"),
        CheckConstraint("offer_expires_at IS NULL OR status = 'waitlisted'", name="offer"),
        UniqueConstraint("ticket"),
        Index(
            "uq_enrolments_active",
            "event_id",
            "family_id",
            unique=True,
            postgresql_where=ACTIVE,
        ),
        Index(None, "event_id", "entry"),
        Index(None, "event_id", "status", "entry"),
        Index(None, "family_id"),
        Index(None, "person_ids", postgresql_using="gin"),
        Index(
            "ix_enrolments_offers",
            "event_id",
            "offer_expires_at",
            postgresql_where=OFFERED,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey(EventRow.id))
    family_id: Mapped[UUID] = mapped_column(ForeignKey(FamilyRow.id))
    person_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    seats: Mapped[int]
    origin_district: Mapped[str]
    status: Mapped[str]
    ticket: Mapped[str]
    version: Mapped[int]
    entry: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    cancelled_by: Mapped[str | None]
    offer_expires_at: Mapped[datetime | None]
    offer_missed: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


ENROLMENTS = cast(Table, EnrolmentRow.__table__)
