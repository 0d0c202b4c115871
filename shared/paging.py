"""Lists page by cursor: the place behind the last item, so that new rows shift nothing."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from shared.problems import invalid

T = TypeVar("T")
R = TypeVar("R")

Limit = Annotated[int, Query(ge=1, le=200, description="How many items at most.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before.")]

DEFAULT_LIMIT = 50


class Page(BaseModel, Generic[T]):
    """One page of a list; `next` is null on the last one."""

    items: list[T]
    next: str | None


def encode_cursor(*place: str) -> str:
    """Make the cursor of a place in a list."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, parts: int) -> list[str]:
    """Return the place a cursor names.

    Raises:
        Problem: 422, it is none of ours.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise bad_cursor() from None
    if not isinstance(place, list) or len(place) != parts:
        raise bad_cursor()
    if not all(isinstance(part, str) and "\0" not in part for part in place):
        raise bad_cursor()
    return place


def bad_cursor() -> Exception:
    """The answer to a cursor that we never gave; raised too where its parts have no sense."""
    return invalid("cursor", "is not a cursor of this list")


def page(
    rows: Sequence[R], limit: int, item: Callable[[R], T], place: Callable[[R], Sequence[str]]
) -> Page[T]:
    """Make a page of at most `limit` items from up to `limit + 1` rows."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(
        items=[item(row) for row in shown],
        next=encode_cursor(*place(shown[-1])) if more else None,
    )
