"""The rows of families' history."""

from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Table, Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.database import Base
from services.registration.families.tables import FamilyRow
from shared.sealing import sealed_as

# The contexts of what is sealed; they are part of each value and never change.
STATE = "family_versions.state"
REASON = "family_versions.reason"


class FamilyVersionRow(Base):
    """One version of one family; the family itself and the reason are sealed."""

    __tablename__ = "family_versions"
    __table_args__ = (Index(None, "family_id", "at"),)

    family_id: Mapped[UUID] = mapped_column(ForeignKey(FamilyRow.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    kind: Mapped[str]
    effective_on: Mapped[date | None]
    actor: Mapped[str]
    changed: Mapped[list[str]] = mapped_column(ARRAY(Text))
    state_sealed: Mapped[bytes] = mapped_column(info=sealed_as(STATE))
    reason_sealed: Mapped[bytes | None] = mapped_column(info=sealed_as(REASON))


FAMILY_VERSIONS = cast(Table, FamilyVersionRow.__table__)
