"""The rows of erasures, and what statistics keep of an erased person."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, SmallInteger, Table, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.database import Base
from services.registration.families.tables import FamilyRow


class ErasureRow(Base):
    """One request to erase a person or a family."""

    __tablename__ = "erasures"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    requested_at: Mapped[datetime] = mapped_column(server_default=func.now())
    requested_by: Mapped[str]
    reason: Mapped[str]
    basis: Mapped[str]
    family_id: Mapped[UUID] = mapped_column(ForeignKey(FamilyRow.id))
    whole_family: Mapped[bool] = mapped_column(Boolean)


class ErasedPersonRow(Base):
    """One erased id; the statistics are null for another id of the same person (a merged one)."""

    __tablename__ = "erased_persons"
    __table_args__ = (
        Index(None, "erasure_id"),
        Index(
            "ix_erased_persons_unswept",
            "person_id",
            postgresql_where=text("registration_at IS NULL"),
        ),
    )

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    erasure_id: Mapped[UUID] = mapped_column(ForeignKey(ErasureRow.id))
    version: Mapped[int]
    sex: Mapped[str | None]
    birth_year: Mapped[int | None] = mapped_column(SmallInteger)
    origin_district: Mapped[str | None]
    residence_district: Mapped[str | None]
    registration_at: Mapped[datetime | None]
    notifications_at: Mapped[datetime | None]


ERASURES = cast(Table, ErasureRow.__table__)
ERASED = cast(Table, ErasedPersonRow.__table__)
