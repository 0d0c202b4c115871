"""Points in time that people sent: with an offset, within what this system can be about."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)

_RFC_3339 = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}", re.ASCII)


def _is_text(value: Any) -> Any:
    """Refuse numbers, which would be read as seconds or milliseconds, whichever fits."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _RFC_3339.match(value):
        raise ValueError("must be a time with an offset, like 2026-12-01T10:00:00+04:00")
    return value


def _is_near(value: datetime) -> datetime:
    if not EARLIEST <= value < LATEST:
        raise ValueError("must lie between the years 2000 and 2100")
    return value.astimezone(UTC)


Moment = Annotated[AwareDatetime, BeforeValidator(_is_text), AfterValidator(_is_near)]
"""A point in time (RFC 3339) from 2000 to 2100, as UTC."""
