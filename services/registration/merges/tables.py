"""The rows of merges."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Index, Table, func
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.database import Base
from shared.sealing import sealed_as

# The contexts of what is sealed; they are part of each value and never change.
MADE = "merges.made"
REASON = "merges.undo_reason"


class MergeRow(Base):
    """One merge; the families before and after it, and the reasons, are sealed."""

    __tablename__ = "merges"
    __table_args__ = (Index(None, "kept_family_id"), Index(None, "merged_family_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    actor: Mapped[str]
    kept_family_id: Mapped[UUID]
    merged_family_id: Mapped[UUID]
    case_id: Mapped[UUID | None]
    made_sealed: Mapped[bytes] = mapped_column(info=sealed_as(MADE))
    pointers: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
    undo_reason_sealed: Mapped[bytes | None] = mapped_column(info=sealed_as(REASON))


MERGES = cast(Table, MergeRow.__table__)
