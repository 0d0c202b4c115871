"""Imports: their states, and what is wrong with a file, a row or a cell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

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
    memory: int = 1_000_000_000
    seconds: int = 600
