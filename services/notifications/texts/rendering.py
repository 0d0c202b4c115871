"""Templates to texts: one file per language and kind, under `templates/`."""

from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from services.notifications.texts.dates import format_moment, format_period
from services.notifications.texts.domain import (
    Addressee,
    CancelledBy,
    EventFacts,
    Kind,
    Language,
    OfferEnd,
    Text,
    list_names,
    one_line,
)
from shared.places import district_name

TEMPLATES_VERSION = 2
"""Recorded with every notification; raise it whenever a template changes."""

_TEMPLATES = Path(__file__).parent / "templates"


def render(
    kind: Kind,
    event: EventFacts,
    addressee: Addressee,
    waiting_position: int | None = None,
    by: CancelledBy | OfferEnd | None = None,
    *,
    answer_by: datetime | None = None,
) -> Text:
    """Write one text in the addressee's language; deterministic for a TEMPLATES_VERSION.

    For `cancelled`, `by` family or staff means this family's enrolment, otherwise the event
    itself; for `offer_ended` it is how the offer ended, and `answer_by` is when an offer ends.
    Values are inserted as data, never read as template code, each on one line.
    Raises UnknownDistrictError for a venue outside ISO 3166-2.
    """
    language = addressee.language
    title = _fact(event.title[language])
    district = district_name(event.venue_district, language)
    names = list_names(addressee.names, language)
    written = _template(language, kind).render(
        greeting=_template(language, "greeting").render(names=names),
        title=title,
        when=format_period(event.starts_at, event.ends_at, language),
        where=_place(event.venue_name, event.venue_address, district),
        district=district,
        reason=_fact(event.reason[language]) if event.reason else "",
        waiting_position=waiting_position,
        by=by,
        answer_by=format_moment(answer_by, language) if answer_by else "",
    )
    # As in an e-mail: the subject, an empty line, the body. No value can hold a line break.
    subject, _, body = written.partition("\n\n")
    return Text(subject, body.rstrip("\n"))


@cache
def _template(language: Language, name: Kind | Literal["greeting"]) -> Template:
    return _environment().get_template(f"{language}/{name}.txt")


@cache
def _environment() -> Environment:
    # Plain text, not HTML: escaping would show families "&amp;" in their messages.
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    # No template calls a function; without these each text is written a third faster.
    environment.globals.clear()
    return environment


# The same few facts fill every text of a broadcast.
@lru_cache(maxsize=4096)
def _fact(value: str) -> str:
    return one_line(value)


@lru_cache(maxsize=4096)
def _place(*parts: str) -> str:
    return ", ".join(part for part in map(one_line, parts) if part)
