"""The rows of the audit log; nobody changes or removes one."""

from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, LargeBinary, Table, Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.database import Base


class AuditEntryRow(Base):
    """One act of one actor."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "subject_type", "subject_id", "entry"),
        Index(None, "subject_id", "entry"),
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


class AuditWaitingRow(Base):
    """An entry without a place in the chain yet; a trigger adds it, the notary takes it out."""

    __tablename__ = "audit_waiting"

    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class AuditSealRow(Base):
    """The place of an entry in the chain: without a gap, and each after another one."""

    __tablename__ = "audit_seals"
    __table_args__ = (
        CheckConstraint("octet_length(previous) = 32", name="previous"),
        CheckConstraint("octet_length(digest) = 32", name="digest"),
    )

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry: Mapped[int] = mapped_column(BigInteger, unique=True)
    previous: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class AuditHeadRow(Base):
    """The last place of the chain when a day ended, as it was published."""

    __tablename__ = "audit_heads"

    day: Mapped[date] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


AUDIT_ENTRIES = cast(Table, AuditEntryRow.__table__)
AUDIT_WAITING = cast(Table, AuditWaitingRow.__table__)
AUDIT_SEALS = cast(Table, AuditSealRow.__table__)
AUDIT_HEADS = cast(Table, AuditHeadRow.__table__)
