"""Addresses the handset answers for: phone numbers (E.164) and mailboxes."""

import re
from functools import lru_cache
from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, StringConstraints

_NUMBER = r"^\+[1-9]\d{6,14}$"
_MAILBOX = re.compile(r"[^@\s]+@[^@\s]+")
# Cut before casefold, which makes two code points of İ and would never match a typed i.
_DOTS = str.maketrans("İIı", "iii")

Number = Annotated[str, StringConstraints(pattern=_NUMBER)]


def as_address(typed: str) -> str:
    """Return the number or mailbox that was typed, in the one form it is kept under.

    Spaces, hyphens and brackets in numbers do not matter, nor does case in mailboxes.
    Raises ValueError when it is neither.
    """
    if _MAILBOX.fullmatch(typed.strip()):
        return typed.strip().lower()
    number = re.sub(r"[\s()-]", "", typed)
    if re.fullmatch(_NUMBER, number):
        return number
    raise ValueError("must be a number such as +994501234567 or a mailbox such as a@b.az")


Address = Annotated[str, AfterValidator(as_address)]


def is_mailbox(address: str) -> bool:
    """Tell a mailbox from a phone number."""
    return "@" in address


@lru_cache(maxsize=10_000)
def shown(address: str) -> str:
    """Return an address as people read it: +994 50 123 45 67."""
    if is_mailbox(address):
        return address
    try:
        number = phonenumbers.parse(address)
    except phonenumbers.NumberParseException:
        return address
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def folded(text: str) -> str:
    """Return text as the search box compares it: case and the dot on i do not matter."""
    return text.translate(_DOTS).casefold()
