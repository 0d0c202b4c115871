"""Imports: their states, and what is wrong with a file, a row or a cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

State = Literal[
    "uploading",
    "waiting",
    "checking",
    "unmapped",
    "checked",
    "refused",
    "committing",
    "paused",
    "committed",
    "cancelled",
    "failed",
]
"""What becomes of an import.

`waiting` for its dry run, `unmapped`: a field that must be there has no column, `checked`: the dry
run is done, `refused`: the file cannot be read, `failed`: our side failed again and again.
"""

MOVING: frozenset[State] = frozenset({"waiting", "checking", "committing"})
CHANGEABLE: frozenset[State] = frozenset({"waiting", "checking", "unmapped", "checked"})
OVER: frozenset[State] = frozenset({"refused", "committed", "cancelled"})

CSV = "csv"
XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, in English with `%(name)s` for what it is about; translated when shown."""

    message: str
    about: Mapping[str, str | int] = field(default_factory=dict)

    def in_english(self) -> str:
        """The sentence."""
        return self.message % self.about if self.about else self.message


class FileRefusedError(Exception):
    """A file cannot be read as a list."""

    def __init__(self, message: str, **about: str | int) -> None:
        super().__init__(message)
        self.fault = Fault(message, about)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read at most; `expanded` is the bytes of a whole workbook unzipped."""

    rows: int = 200_000
    columns: int = 200
    cell: int = 2_000
    expanded: int = 400_000_000
    entries: int = 1_000
    ratio: int = 200
    memory: int = 419_430_400
    seconds: int = 600


@dataclass(frozen=True, slots=True)
class WorkLimits:
    """How imports are worked on; seconds."""

    reading: Limits = field(default_factory=Limits)
    lease: float = 30.0
    poll: float = 1.0
    attempts: int = 5
    families: int = 50
    upload: float = 600.0
    keep_days: float = 7.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Which header each field stands under; `constants` are values that hold for every row.

    `chosen` once a person has said so; until then it is a guess, or what was remembered.
    """

    headers: Sequence[str] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are of what; `already` are families that came with an earlier import."""

    rows: int = 0
    bad_rows: int = 0
    families: int = 0
    bad_families: int = 0
    already: int = 0
    duplicates: int = 0
    written: int = 0
    turned_away: int = 0

    @property
    def good(self) -> int:
        """Families that a commit writes, or has written."""
        return self.families - self.bad_families - self.already


@dataclass(frozen=True, slots=True)
class Import:
    """One uploaded list and what became of it; `actor` is who works on it, as what."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    actor: Mapping[str, Any]
    name: str
    size: int
    state: State
    format: str | None
    encoding: str | None
    separator: str | None
    plan: Plan
    missing: Sequence[str]
    fault: Fault | None
    counts: Counts
    failure: str | None


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing that is wrong with one row; `field` is empty for the row as a whole."""

    row: int
    place: int
    field: str
    fault: Fault
