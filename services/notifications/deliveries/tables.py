"""Rows of notifications, of the attempts to hand them over, and of notices still owed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, Text, UniqueConstraint, Uuid, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.contacts.tables import ADDRESS
from services.notifications.database import Base
from shared.sealing import sealed_as


class NotificationRow(Base):
    """One text to one address."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "kind", "version", "address_index"),
        Index(
            "uq_notifications_invitation",
            "event_id",
            "address_index",
            unique=True,
            postgresql_where="kind = 'invitation'",
        ),
        Index(
            "ix_notifications_due",
            "priority",
            "due_at",
            "id",
            postgresql_where="status IN ('pending', 'held')",
        ),
        Index("ix_notifications_lease", "lease_until", postgresql_where="status = 'sending'"),
        Index("ix_notifications_event_id", "event_id", "created_at", "id"),
        Index("ix_notifications_family_id", "family_id", "created_at", "id"),
        Index("ix_notifications_status", "status", "created_at", "id"),
        Index("ix_notifications_created_at", "created_at", "id"),
        Index("ix_notifications_person_ids", "person_ids", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    enrolment_id: Mapped[UUID | None]
    version: Mapped[int]
    event_id: Mapped[UUID]
    family_id: Mapped[UUID]
    person_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    names: Mapped[list[str]] = mapped_column(ARRAY(Text))
    channel: Mapped[str]
    address_sealed: Mapped[bytes] = mapped_column(info=sealed_as(ADDRESS))
    address_index: Mapped[bytes]
    language: Mapped[str]
    waiting_position: Mapped[int | None]
    by: Mapped[str | None]
    answer_by: Mapped[datetime | None]
    status: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    subject: Mapped[str | None]
    text: Mapped[str | None]
    parts: Mapped[int | None]
    templates_version: Mapped[int | None]
    reference: Mapped[str | None]
    reason: Mapped[str | None]
    correlation_id: Mapped[str | None]
    causation_id: Mapped[str | None]
    traceparent: Mapped[str | None]


class AttemptRow(Base):
    """One try to hand a notification to a provider, committed before the call is made."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_started_at", "started_at"),)

    notification_id: Mapped[UUID] = mapped_column(
        ForeignKey("notifications.notifications.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    reason: Mapped[str | None]


class OwedRow(Base):
    """A notice that waits until its event and all its persons are known."""

    __tablename__ = "owed_notices"

    enrolment_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    family_id: Mapped[UUID]
    person_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    seated: Mapped[bool]
    waiting_position: Mapped[int | None]
    by: Mapped[str | None]
    answer_by: Mapped[datetime | None]
    correlation_id: Mapped[str | None]
    causation_id: Mapped[str | None]
    traceparent: Mapped[str | None]
    owed_since: Mapped[datetime] = mapped_column(server_default=func.now())
