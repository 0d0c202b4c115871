"""Rows of events."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.events.database import Base

SEATING = """'{"rule": "best_fit", "offer_hours": null, "district_caps": {}}'"""
"""How seats are given where the organiser said nothing."""


class EventRow(Base):
    """One event; `reason` is the last that was given for a change of it."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'published', 'cancelled', 'completed')", "status"),
        CheckConstraint("starts_at < ends_at", "times"),
        CheckConstraint("enrolment_closes_at <= starts_at", "closing"),
        CheckConstraint("capacity BETWEEN 1 AND 100000", "capacity"),
        Index("ix_events_calendar", "starts_at", "id", postgresql_where=text("status <> 'draft'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    status: Mapped[str]
    kind: Mapped[str]
    title: Mapped[dict[str, str]] = mapped_column(JSONB)
    summary: Mapped[dict[str, str]] = mapped_column(JSONB)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    enrolment_closes_at: Mapped[datetime]
    venue_name: Mapped[str]
    venue_district: Mapped[str]
    venue_address: Mapped[str]
    capacity: Mapped[int]
    origins: Mapped[list[str]] = mapped_column(ARRAY(Text))
    residences: Mapped[list[str]] = mapped_column(ARRAY(Text))
    seating: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text(SEATING))
    reason: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    published_at: Mapped[datetime | None]

    @property
    def venue(self) -> dict[str, str]:
        """Where it is held."""
        return {
            "name": self.venue_name,
            "district": self.venue_district,
            "address": self.venue_address,
        }

    @property
    def audience(self) -> dict[str, list[str]]:
        """Whom it is for."""
        return {"origins": self.origins, "residences": self.residences}
