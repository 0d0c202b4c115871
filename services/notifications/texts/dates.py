"""Dates and times as people of each language write them, in Azerbaijan's own time."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date

from services.notifications.texts.domain import Language, one_line

BAKU = ZoneInfo("Asia/Baku")

# British order, day before month, is what people here read in English.
_LOCALE: dict[Language, str] = {"az": "az", "en": "en_GB", "ru": "ru"}
# GSM-7 has no en dash; Azerbaijani and Russian texts are UCS-2 in any case.
_DASH: dict[Language, str] = {"az": "–", "en": "-", "ru": "–"}


@lru_cache(maxsize=4096)
def format_period(starts_at: datetime, ends_at: datetime, language: Language) -> str:
    """Write a period in Asia/Baku: "1 dekabr 2026, 10:00–13:00", both dates when they differ.

    Months by CLDR. The weekday is left out on purpose: it costs Azerbaijani texts a part.
    Both times must carry a time zone.
    """
    start, end = starts_at.astimezone(BAKU), ends_at.astimezone(BAKU)
    dash = _DASH[language]
    first = f"{_day(start.date(), language)}, {start:%H:%M}"
    if start.date() == end.date():
        return f"{first}{dash}{end:%H:%M}"
    return f"{first} {dash} {_day(end.date(), language)}, {end:%H:%M}"


@lru_cache(maxsize=4096)
def format_moment(moment: datetime, language: Language) -> str:
    """Write a moment in Asia/Baku: "1 dekabr 2026, 10:00"."""
    local = moment.astimezone(BAKU)
    return f"{_day(local.date(), language)}, {local:%H:%M}"


def _day(day: date, language: Language) -> str:
    # CLDR puts a narrow no-break space before the Russian "г.", which older phones show as a box.
    return one_line(format_date(day, "long", locale=_LOCALE[language]))
