"""The rows of families and persons."""

from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, Table, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.database import Base
from shared.sealing import sealed_as

# The contexts of what is sealed; they are part of each value and never change.
FIN = "persons.fin"
PHONE = "persons.phone"
EMAIL = "persons.email"
ADDRESS = "families.residence_address"


class FamilyRow(Base):
    """A household."""

    __tablename__ = "families"
    __table_args__ = (
        Index(None, "origin_district", "id"),
        Index(None, "residence_district", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    origin_district: Mapped[str]
    origin_settlement: Mapped[str]
    residence_district: Mapped[str]
    residence_settlement: Mapped[str]
    residence_address_sealed: Mapped[bytes | None] = mapped_column(info=sealed_as(ADDRESS))
    consent_basis: Mapped[str | None]
    consent_purposes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    consent_given_by: Mapped[str | None]
    consent_given_on: Mapped[date | None]
    successor_id: Mapped[UUID | None] = mapped_column(ForeignKey("registration.families.id"))


class PersonRow(Base):
    """A member; `position` is the place in the family's list.

    Each `…_unreachable_version` is that of the last message heard about the channel.
    """

    __tablename__ = "persons"
    __table_args__ = (
        UniqueConstraint("fin_index"),
        Index(None, "family_id", "position"),
        Index(None, "phone_index"),
        Index(None, "phone_tail_index"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    family_id: Mapped[UUID] = mapped_column(ForeignKey(FamilyRow.id))
    position: Mapped[int] = mapped_column(SmallInteger)
    version: Mapped[int]
    given_name: Mapped[str]
    family_name: Mapped[str]
    patronymic: Mapped[str | None]
    sex: Mapped[str]
    birth_date: Mapped[date]
    fin_sealed: Mapped[bytes | None] = mapped_column(info=sealed_as(FIN))
    fin_index: Mapped[bytes | None]
    phone_sealed: Mapped[bytes | None] = mapped_column(info=sealed_as(PHONE))
    phone_index: Mapped[bytes | None]
    phone_tail_index: Mapped[bytes | None]
    email_sealed: Mapped[bytes | None] = mapped_column(info=sealed_as(EMAIL))
    language: Mapped[str]
    relation: Mapped[str]
    sms_unreachable: Mapped[str | None]
    sms_unreachable_version: Mapped[int] = mapped_column(server_default="0")
    email_unreachable: Mapped[str | None]
    email_unreachable_version: Mapped[int] = mapped_column(server_default="0")


FAMILIES = cast(Table, FamilyRow.__table__)
PERSONS = cast(Table, PersonRow.__table__)
