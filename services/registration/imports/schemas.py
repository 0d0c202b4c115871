"""HTTP bodies of imports."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.registration.imports import domain
from services.registration.imports.domain import RowFault, State
from services.registration.imports.texts import Language, say
from shared.text import Line, Storable

Header = Annotated[str, Field(min_length=1, max_length=200), Storable]
FieldName = Annotated[str, Field(min_length=1, max_length=50)]
Mapping = Annotated[dict[FieldName, Header], Field(max_length=50)]
Constants = Annotated[dict[FieldName, Line], Field(max_length=50)]

UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "The list: CSV or XLSX.",
                        }
                    },
                }
            }
        },
    }
}
"""How the OpenAPI document describes a body that is read in pieces."""


class Counts(BaseModel):
    """How many there are; families that are good are those that a commit writes."""

    rows: int
    bad_rows: int
    families: int
    good_families: int
    bad_families: int
    already: int = Field(description="Families that came with an earlier import.")
    duplicates: int = Field(description="Good families with somebody likely registered already.")
    written: int
    turned_away: int = Field(description="Families that could not be written after all.")


class Import(BaseModel):
    """One uploaded list and what became of it."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    name: str
    size: int
    state: State
    format: str | None
    encoding: str | None
    separator: str | None
    headers: list[str]
    mapping: dict[str, str] = Field(description="Which header each field stands under.")
    constants: dict[str, str] = Field(description="What holds for every row.")
    missing: list[str] = Field(description="Fields that need a header or a constant.")
    refusal: str | None = Field(description="Why the file cannot be read.")
    failure: str | None = Field(description="What failed on our side.")
    counts: Counts

    @classmethod
    def of(cls, found: domain.Import, language: Language) -> "Import":
        """Make it of an entity."""
        counts = found.counts
        return cls(
            id=found.id,
            version=found.version,
            created_at=found.created_at,
            created_by=found.created_by,
            name=found.name,
            size=found.size,
            state=found.state,
            format=found.format,
            encoding=found.encoding,
            separator=found.separator,
            headers=list(found.plan.headers),
            mapping=dict(found.plan.mapping),
            constants=dict(found.plan.constants),
            missing=list(found.missing),
            refusal=say(found.fault, language) if found.fault else None,
            failure=found.failure,
            counts=Counts(
                rows=counts.rows,
                bad_rows=counts.bad_rows,
                families=counts.families,
                good_families=counts.good,
                bad_families=counts.bad_families,
                already=counts.already,
                duplicates=counts.duplicates,
                written=counts.written,
                turned_away=counts.turned_away,
            ),
        )


class ImportChange(BaseModel):
    """Which header each field stands under, and what holds for every row; each as a whole."""

    model_config = ConfigDict(extra="forbid")

    mapping: Mapping | None = None
    constants: Constants | None = None


class RowError(BaseModel):
    """One thing that is wrong with one row; `field` is null for the row as a whole."""

    row: int
    field: str | None
    message: str

    @classmethod
    def of(cls, found: RowFault, language: Language) -> "RowError":
        """Make it of an entity, in a language."""
        return cls(row=found.row, field=found.field or None, message=say(found.fault, language))
