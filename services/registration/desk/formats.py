"""Dates, numbers, places and order as each language writes them (CLDR), in Asia/Baku."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal

from services.registration.desk.languages import Language, msgid, translate
from shared.districts import known_districts
from shared.places import district_kind, district_name

BAKU = ZoneInfo("Asia/Baku")

_REMEMBERED = 4_096
"""Dates and numbers whose words are kept: writing them is most of what a page costs."""

# British order, day before month, is what people here read in English.
_LOCALES: dict[Language, str] = {"az": "az", "en": "en_GB", "ru": "ru"}
_ALPHABET = "abcçdeəfgğhxıijkqlmnoöprsştuüvyz"
_PLACES = {letter: place for place, letter in enumerate(_ALPHABET)}
_LOWER = str.maketrans("Iİ", "ıi")
_KINDS = {
    "Municipality": msgid("city"),
    "Rayon": msgid("district"),
    "Autonomous republic": msgid("autonomous republic"),
}


@lru_cache(maxsize=_REMEMBERED)
def day(value: date | datetime, language: Language) -> str:
    """Write a day: "1 dekabr 2026"."""
    local = value.astimezone(BAKU).date() if isinstance(value, datetime) else value
    return format_date(local, "long", locale=_LOCALES[language])


def moment(value: datetime, language: Language) -> str:
    """Write a point in time with its day: "1 dekabr 2026, 10:00"."""
    return f"{day(value, language)}, {clock(value, language)}"


@lru_cache(maxsize=_REMEMBERED)
def clock(value: datetime, language: Language) -> str:
    """Write a time of day: "10:00"."""
    return format_time(value, "HH:mm", tzinfo=BAKU, locale=_LOCALES[language])


@lru_cache(maxsize=_REMEMBERED)
def weekday(value: datetime, language: Language) -> str:
    """Write the day of the week."""
    return format_datetime(value, "EEEE", tzinfo=BAKU, locale=_LOCALES[language])


def period(starts_at: datetime, ends_at: datetime, language: Language) -> str:
    """Write a period: "1 dekabr 2026, 10:00–13:00", both days where they differ."""
    start, end = starts_at.astimezone(BAKU), ends_at.astimezone(BAKU)
    if start.date() == end.date():
        return f"{moment(start, language)}–{clock(end, language)}"
    return f"{moment(start, language)} – {moment(end, language)}"


@lru_cache(maxsize=_REMEMBERED)
def number(value: float, language: Language) -> str:
    """Write a number with the language's own grouping."""
    return format_decimal(value, locale=_LOCALES[language])


def today() -> date:
    """The day it is in Baku."""
    return datetime.now(UTC).astimezone(BAKU).date()


def order(text: str) -> list[tuple[int, str]]:
    """The sorting key of Azerbaijani (a b c ç d e ə …), other letters behind in their own order."""
    lowered = text.translate(_LOWER).lower()
    return [(_PLACES.get(letter, -1 if not letter.isalpha() else 99), letter) for letter in lowered]


def in_order(words: Iterable[str]) -> list[str]:
    """Sort words as the Azerbaijani alphabet does; Cyrillic and digits keep their own order."""
    return sorted(words, key=order)


def district(code: str | None, language: Language) -> str:
    """Name a district; a code that is not known stays as it is."""
    return _names(language).get(code or "", code or "")


@cache
def districts(language: Language) -> tuple[tuple[str, str], ...]:
    """List every district's code and name, in the order of the alphabet."""
    return tuple(sorted(_names(language).items(), key=lambda each: order(each[1])))


@cache
def _names(language: Language) -> dict[str, str]:
    names = {code: district_name(code, language) for code in known_districts()}
    twice = {name for name in names.values() if list(names.values()).count(name) > 1}
    return {
        code: f"{name} ({translate(_KINDS[district_kind(code)], language)})"
        if name in twice
        else name
        for code, name in names.items()
    }
