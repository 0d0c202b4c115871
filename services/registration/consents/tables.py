"""The rows of consents: a history that only grows."""

from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Table, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.database import Base
from services.registration.families.tables import FamilyRow


class ConsentRow(Base):
    """One decision of a family on one purpose; the newest is the one that holds."""

    __tablename__ = "consents"
    __table_args__ = (
        CheckConstraint("kind IN ('given', 'withdrawn', 'expired')", name="kind"),
        Index(None, "family_id", "purpose", "number"),
        Index(
            "ix_consents_valid_until",
            "valid_until",
            postgresql_where=text("valid_until IS NOT NULL AND kind = 'given'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    family_id: Mapped[UUID] = mapped_column(ForeignKey(FamilyRow.id))
    purpose: Mapped[str]
    kind: Mapped[str]
    basis: Mapped[str]
    given_by: Mapped[str | None]
    decided_on: Mapped[date]
    valid_until: Mapped[date | None]
    channel: Mapped[str]
    reason: Mapped[str | None]
    wording: Mapped[int]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    recorded_by: Mapped[str]


CONSENTS = cast(Table, ConsentRow.__table__)
