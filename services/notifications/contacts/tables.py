"""Rows of contacts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.database import Base


class ContactRow(Base):
    """How to reach one person; an erased one keeps its id and version alone."""

    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_family_id", "family_id"),
        Index("ix_contacts_origin_district", "origin_district", "residence_district"),
    )

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    known_since: Mapped[datetime]
    erased: Mapped[bool] = mapped_column(default=False)
    family_id: Mapped[UUID | None]
    given_name: Mapped[str | None]
    family_name: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    language: Mapped[str | None]
    origin_district: Mapped[str | None]
    residence_district: Mapped[str | None]
    may_notify: Mapped[bool] = mapped_column(default=False)
    unreachable_version: Mapped[int] = mapped_column(default=0)
