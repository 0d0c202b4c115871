"""From a notification's row and its event's facts to the text that leaves."""

from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from services.notifications.texts.domain import Addressee, EventFacts, Text
from services.notifications.texts.rendering import render


class Renderable(Protocol):
    """A notification joined with its event."""

    kind: Any
    names: list[str]
    language: Any
    waiting_position: int | None
    by: Any
    answer_by: datetime | None
    title: Any
    venue: Any
    starts_at: datetime
    ends_at: datetime
    move_reason: Any
    end_reason: Any


def render_row(row: Renderable) -> Text:
    """Render a notification as its event stands now."""
    reason = row.end_reason if row.kind == "cancelled" else row.move_reason
    facts = _facts(
        _pairs(row.title), _pairs(row.venue), row.starts_at, row.ends_at, _pairs(reason or {})
    )
    return render(
        row.kind,
        facts,
        Addressee(row.language, row.names),
        row.waiting_position,
        row.by,
        answer_by=row.answer_by,
    )


def _pairs(words: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(words.items()))


# The same event stands behind every text of a broadcast.
@lru_cache(maxsize=256)
def _facts(
    title: tuple[tuple[str, str], ...],
    venue: tuple[tuple[str, str], ...],
    starts_at: datetime,
    ends_at: datetime,
    reason: tuple[tuple[str, str], ...],
) -> EventFacts:
    place = dict(venue)
    return EventFacts(
        title=dict(title),
        starts_at=starts_at,
        ends_at=ends_at,
        venue_name=place["name"],
        venue_district=place["district"],
        venue_address=place["address"],
        reason=dict(reason) or None,
    )
