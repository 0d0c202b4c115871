"""The rows of imports; what a list says of people is sealed."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Table, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.database import Base
from shared.sealing import sealed_as

# The contexts of what is sealed; they are part of each value and never change.
PLAN = "imports.plan"
PIECE = "import_pieces.content"
ROW = "import_rows.content"
FAMILY = "import_families.values"
FAULT = "import_faults.about"
HEADERS = "import_mappings.headers"
FINGERPRINT = "imported_rows.fingerprint"


class ImportRow(Base):
    """One uploaded file and what became of it.

    `plan_sealed` holds headers, mapping and constants. `lease_owner` is who works on it now.
    """

    __tablename__ = "imports"
    __table_args__ = (
        # One living import for one content: a second click finds the first.
        Index(
            "uq_imports_content",
            "content_hash",
            unique=True,
            postgresql_where=text("state NOT IN ('uploading', 'cancelled', 'refused')"),
        ),
        Index(None, "created_by", "id"),
        Index(
            "ix_imports_moving",
            "id",
            postgresql_where=text("state IN ('uploading', 'waiting', 'checking', 'committing')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_by: Mapped[str]
    actor: Mapped[dict[str, Any]]
    name: Mapped[str]
    size: Mapped[int] = mapped_column(server_default="0")
    content_hash: Mapped[bytes | None]
    state: Mapped[str]
    format: Mapped[str | None]
    encoding: Mapped[str | None]
    separator: Mapped[str | None]
    plan_sealed: Mapped[bytes | None] = mapped_column(info=sealed_as(PLAN))
    missing: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    fault: Mapped[dict[str, Any] | None]
    rows: Mapped[int] = mapped_column(server_default="0")
    bad_rows: Mapped[int] = mapped_column(server_default="0")
    families: Mapped[int] = mapped_column(server_default="0")
    bad_families: Mapped[int] = mapped_column(server_default="0")
    already: Mapped[int] = mapped_column(server_default="0")
    duplicates: Mapped[int] = mapped_column(server_default="0")
    written: Mapped[int] = mapped_column(server_default="0")
    turned_away: Mapped[int] = mapped_column(server_default="0")
    attempts: Mapped[int] = mapped_column(server_default="0")
    failure: Mapped[str | None]
    lease_owner: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]


class PieceRow(Base):
    """A piece of an uploaded file."""

    __tablename__ = "import_pieces"

    import_id: Mapped[UUID] = mapped_column(
        ForeignKey(ImportRow.id, ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content_sealed: Mapped[bytes] = mapped_column(info=sealed_as(PIECE))


class StagedRow(Base):
    """A row of a list as the dry run left it, by its number in the file."""

    __tablename__ = "import_rows"
    __table_args__ = (Index(None, "import_id", "family"),)

    import_id: Mapped[UUID] = mapped_column(
        ForeignKey(ImportRow.id, ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    family: Mapped[int]
    fin_index: Mapped[bytes | None]
    content_sealed: Mapped[bytes] = mapped_column(info=sealed_as(ROW))


class StagedFamily(Base):
    """A family of a list: good, bad, already there, written, or turned away at the end."""

    __tablename__ = "import_families"
    __table_args__ = (
        Index(
            "ix_import_families_good",
            "import_id",
            "number",
            postgresql_where=text("state = 'good'"),
        ),
    )

    import_id: Mapped[UUID] = mapped_column(
        ForeignKey(ImportRow.id, ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_row: Mapped[int]
    state: Mapped[str]
    family_id: Mapped[UUID | None]
    fingerprints: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))
    values_sealed: Mapped[bytes] = mapped_column(info=sealed_as(FAMILY))


class FaultRow(Base):
    """One thing that is wrong with a row; `field` is empty for the row as a whole."""

    __tablename__ = "import_faults"

    import_id: Mapped[UUID] = mapped_column(
        ForeignKey(ImportRow.id, ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    field: Mapped[str]
    message: Mapped[str]
    about_sealed: Mapped[bytes | None] = mapped_column(info=sealed_as(FAULT))


class ImportedRow(Base):
    """A row that is on the register, by a keyed hash of all it says; kept for ever."""

    __tablename__ = "imported_rows"

    fingerprint: Mapped[bytes] = mapped_column(primary_key=True)
    import_id: Mapped[UUID]
    family_id: Mapped[UUID]


class MappingRow(Base):
    """The mapping that was used last for a set of headers."""

    __tablename__ = "import_mappings"

    headers: Mapped[bytes] = mapped_column(primary_key=True)
    plan_sealed: Mapped[bytes] = mapped_column(info=sealed_as(PLAN))
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


IMPORTS = cast(Table, ImportRow.__table__)
PIECES = cast(Table, PieceRow.__table__)
ROWS = cast(Table, StagedRow.__table__)
STAGED = cast(Table, StagedFamily.__table__)
FAULTS = cast(Table, FaultRow.__table__)
IMPORTED = cast(Table, ImportedRow.__table__)
MAPPINGS = cast(Table, MappingRow.__table__)
