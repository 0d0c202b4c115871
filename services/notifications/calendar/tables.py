"""Rows of events."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.database import Base


class EventRow(Base):
    """One event. Its facts and its status carry a version each, since they come in any order."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_open", "published_at", postgresql_where="status = 'published'"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str]
    status_version: Mapped[int]
    facts_version: Mapped[int] = mapped_column(default=0)
    published_at: Mapped[datetime | None]
    title: Mapped[dict[str, Any] | None]
    venue: Mapped[dict[str, Any] | None]
    audience: Mapped[dict[str, Any] | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    enrolment_closes_at: Mapped[datetime | None]
    move_reason: Mapped[dict[str, Any] | None]
    end_reason: Mapped[dict[str, Any] | None]
