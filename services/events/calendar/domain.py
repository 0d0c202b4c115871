"""The days of the calendar, as they are counted in Baku."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BAKU = ZoneInfo("Asia/Baku")

FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2099, 12, 31)


def start_of_day(day: date) -> datetime:
    """Give the first moment of a day in Baku, as UTC."""
    return datetime.combine(day, time(), BAKU).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """Give the first moment that no longer belongs to a day in Baku, as UTC."""
    return start_of_day(day + timedelta(days=1))
