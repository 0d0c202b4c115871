"""What a text is about and whom it addresses; pure rules, no templates."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Language = Literal["az", "en", "ru"]
Kind = Literal[
    "invitation",
    "confirmation",
    "waiting",
    "offer",
    "offer_ended",
    "promotion",
    "reminder",
    "rescheduled",
    "cancelled",
]
CancelledBy = Literal["family", "staff", "event"]
OfferEnd = Literal["expired", "declined", "withdrawn"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
KINDS: tuple[Kind, ...] = get_args(Kind)

_CONJUNCTION: Mapping[Language, str] = {"az": " və ", "en": " and ", "ru": " и "}

# Line breaks could add an e-mail header, direction marks could reverse a text, and a lone
# surrogate cannot be encoded. Unusual spaces would turn a GSM-7 text into UCS-2.
_UNPRINTABLE = re.compile(
    "[^\\S ]| {2,}|^ | $|[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What texts say of an event.

    `title`, and `reason` where there is one, are in all three languages; `starts_at` and
    `ends_at` carry a time zone; `venue_district` is an ISO 3166-2 code. Raises ValueError
    otherwise (the code is looked up when a text is rendered).
    """

    title: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime
    venue_name: str
    venue_district: str
    venue_address: str
    reason: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if self.starts_at.utcoffset() is None or self.ends_at.utcoffset() is None:
            raise ValueError("starts_at and ends_at must carry a time zone")
        for field, value in (("title", self.title), ("reason", self.reason)):
            missing = [] if value is None else [lang for lang in LANGUAGES if lang not in value]
            if missing:
                raise ValueError(f"{field} is missing in {', '.join(missing)}")


@dataclass(frozen=True, slots=True)
class Addressee:
    """Those reached at one phone or mailbox, in the order they are greeted.

    `names` are given names; the given and the family name when it is one person.
    """

    language: Language
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Text:
    """One rendered text; `subject` is a single line, for e-mail."""

    subject: str
    body: str


def one_line(value: str) -> str:
    """Make a value fit for one line of a text: single spaces, nothing unprintable."""
    if not _UNPRINTABLE.search(value):
        return value
    return " ".join(_UNPRINTABLE.sub(" ", value).split())


def list_names(names: Sequence[str], language: Language) -> str:
    """List names as that language writes it ("Əli, Aygün və Vaqif"); blank ones are left out."""
    shown = [name for name in map(one_line, names) if name]
    if len(shown) < 2:
        return "".join(shown)
    return ", ".join(shown[:-1]) + _CONJUNCTION[language] + shown[-1]
