"""The rows of the audit log; nobody changes or removes one."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Table, Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.database import Base


class AuditEntryRow(Base):
    """One act of one actor."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "subject_type", "subject_id", "entry"),
        Index(None, "actor", "entry"),
        Index(None, "action", "entry"),
        Index(None, "at"),
    )

    entry: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    actor: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    address: Mapped[str | None]
    reason: Mapped[str | None]
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]]
    correlation_id: Mapped[str]


AUDIT_ENTRIES = cast(Table, AuditEntryRow.__table__)
