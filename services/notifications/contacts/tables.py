"""Rows of contacts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.database import Base
from shared.sealing import sealed_as

# The context of every phone and mailbox of this service; it is part of each and never changes.
ADDRESS = "contacts.address"


class ContactRow(Base):
    """How to reach one person; an erased one keeps its id and version alone.

    `address_index` is that of the phone, else of the mailbox: where the person is told.
    """

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
    phone_sealed: Mapped[bytes | None] = mapped_column(info=sealed_as(ADDRESS))
    email_sealed: Mapped[bytes | None] = mapped_column(info=sealed_as(ADDRESS))
    address_index: Mapped[bytes | None]
    language: Mapped[str | None]
    origin_district: Mapped[str | None]
    residence_district: Mapped[str | None]
    may_notify: Mapped[bool] = mapped_column(default=False)
    unreachable_version: Mapped[int] = mapped_column(default=0)
