"""The rows of duplicates."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.database import Base
from services.registration.families.tables import PersonRow


class ComparisonRow(Base):
    """A family that was written and is to be compared with all others, once its writer commits."""

    __tablename__ = "comparisons"

    entry: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    family_id: Mapped[UUID]


class PersonBlocksRow(Base):
    """The blocks that a person is in."""

    __tablename__ = "person_blocks"
    __table_args__ = (
        Index(None, "blocks", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )

    person_id: Mapped[UUID] = mapped_column(
        ForeignKey(PersonRow.id, ondelete="CASCADE"), primary_key=True
    )
    blocks: Mapped[list[int]] = mapped_column(ARRAY(Integer))


class CaseRow(Base):
    """Two families, or one family twice, in which somebody was likely registered twice.

    `pairs` are the persons with scores and reasons; `fingerprint` is that of what was compared.
    Families are no foreign keys: a decision outlives what it was about.
    """

    __tablename__ = "duplicate_cases"
    __table_args__ = (
        UniqueConstraint("family_a", "family_b"),
        CheckConstraint("family_a <= family_b", name="order"),
        CheckConstraint("state IN ('open', 'dismissed', 'merged', 'lapsed')", name="state"),
        Index(None, "family_b"),
        Index(None, "state", "score", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    family_a: Mapped[UUID]
    family_b: Mapped[UUID]
    state: Mapped[str]
    score: Mapped[float]
    pairs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    fingerprint: Mapped[bytes]
    version: Mapped[int]
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())
    claimed_by: Mapped[str | None]
    claimed_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]


COMPARISONS = cast(Table, ComparisonRow.__table__)
PERSON_BLOCKS = cast(Table, PersonBlocksRow.__table__)
CASES = cast(Table, CaseRow.__table__)
