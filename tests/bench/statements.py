"""What was recorded of a request, as the yardstick's process reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Statement:
    """One statement as asyncpg gets it; `many` runs it once for each row of values."""

    sql: str
    rows: Sequence[Sequence[Any]]
    many: bool


@dataclass(frozen=True)
class Recorded:
    """A request and the statements that answered it, without its BEGIN and COMMIT."""

    body: dict[str, Any]
    statements: Sequence[Statement]
