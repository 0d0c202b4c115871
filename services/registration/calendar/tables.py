"""The rows of the local calendar."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.database import Base


class EventRow(Base):
    """An event as far as it is known; the facts are null when only its end was heard of."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("status IN ('published', 'cancelled', 'completed')", name="status"),
        CheckConstraint(
            "status <> 'published' OR capacity IS NOT NULL", name="published_has_facts"
        ),
        CheckConstraint("rule IN ('best_fit', 'strict_order')", name="rule"),
        Index(None, "starts_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    status: Mapped[str]
    title: Mapped[dict[str, Any] | None]
    venue: Mapped[dict[str, Any] | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    capacity: Mapped[int | None]
    enrolment_closes_at: Mapped[datetime | None]
    rule: Mapped[str] = mapped_column(server_default="best_fit")
    offer_hours: Mapped[int | None]
    district_caps: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
