"""The fields of a person: identity number, phone, e-mail and dates, each checked as typed."""

import re
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, StringConstraints

BAKU = ZoneInfo("Asia/Baku")
EARLIEST = date(1900, 1, 1)

_COUNTRY_CODE = 994
_ASCII_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_FIN = re.compile(r"[0-9A-HJ-NP-Z]{7}")
_DIALLED = re.compile(r"\+?[0-9 ()-]{7,24}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")


def _fin(value: str) -> str:
    fin = value.translate(_ASCII_UPPER)
    if _FIN.fullmatch(fin):
        return fin
    mended = fin.replace("O", "0").replace("I", "1")
    if _FIN.fullmatch(mended):
        raise ValueError(f"has no letters O and I: did you mean {mended}?")
    raise ValueError("must be 7 characters: digits and Latin letters without O and I")


def international(value: str) -> str:
    """Turn a phone, however it is dialled, into E.164.

    Raises:
        ValueError: it is no phone number of Azerbaijan.
    """
    message = "must be a phone number of Azerbaijan, like +994501234567 or 050 123 45 67"
    if not _DIALLED.fullmatch(value):
        raise ValueError(message)
    try:
        number = phonenumbers.parse(value, "AZ")
    except phonenumbers.NumberParseException:
        raise ValueError(message) from None
    if number.country_code != _COUNTRY_CODE or not phonenumbers.is_valid_number(number):
        raise ValueError(message)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(value: str) -> str:
    local, _, domain = value.rpartition("@")
    fits = len(local) <= 64 and len(domain) <= 253
    if not (fits and _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise ValueError("must be an e-mail address, like ali@example.az")
    return value


def iso_date(value: Any) -> Any:
    """Take a date as ISO 8601 text alone; pydantic would take numbers of seconds too."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError("must be a date, like 1961-03-02")
    return value


def _past_date(value: date) -> date:
    if value < EARLIEST:
        raise ValueError("must not be before 1900")
    if value > datetime.now(BAKU).date():
        raise ValueError("must not be in the future")
    return value


Fin = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20), AfterValidator(_fin)]
"""An identity number, upper-cased by ASCII rules; never rewritten otherwise."""

Phone = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=30), AfterValidator(international)
]
"""A phone number of Azerbaijan, kept in E.164."""

Email = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_email)
]
"""An e-mail address in ASCII (RFC 5321 without quoting)."""

PastDate = Annotated[date, BeforeValidator(iso_date), AfterValidator(_past_date)]
"""A date from 1900 until today in Baku."""
