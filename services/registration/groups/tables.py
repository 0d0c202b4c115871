"""The rows of discussion groups."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ForeignKey, Table, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.calendar.tables import EventRow
from services.registration.database import Base


class GroupPlanRow(Base):
    """One splitting of an event's people, with all that it takes to do it again."""

    __tablename__ = "group_plans"

    event_id: Mapped[UUID] = mapped_column(ForeignKey(EventRow.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    made_by: Mapped[str]
    count: Mapped[int]
    by: Mapped[str]
    families: Mapped[str]
    of: Mapped[str]
    seed: Mapped[str]
    groups: Mapped[list[Any]] = mapped_column(JSONB)


GROUP_PLANS = cast(Table, GroupPlanRow.__table__)
