"""FINs, phone numbers and mailboxes for one run, which no other run is likely to have."""

import secrets
from dataclasses import dataclass, field

import phonenumbers

_FIN_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_MOBILE = ("50", "51", "55", "70", "77")


@dataclass
class Identities:
    """Gives out what must be unique, by chance among runs and for certain within one."""

    _given: set[str] = field(default_factory=set)

    def fin(self) -> str:
        """Return a FIN: 7 digits and capitals without I and O."""
        while True:
            fin = "".join(secrets.choice(_FIN_ALPHABET) for _ in range(7))
            if self._is_new(fin):
                return fin

    def phone(self) -> str:
        """Return an Azerbaijani mobile number (E.164) that libphonenumber calls valid."""
        while True:
            number = f"+994{secrets.choice(_MOBILE)}{2_000_000 + secrets.randbelow(8_000_000)}"
            valid = phonenumbers.is_valid_number(phonenumbers.parse(number))
            if valid and self._is_new(number):
                return number

    def mailbox(self, name: str) -> str:
        """Return a mailbox in the domain kept for examples (RFC 2606)."""
        return f"{name}{secrets.randbelow(100_000):05}@example.com"

    def day(self) -> str:
        """Return a day that every month has, so that no two runs register the same people."""
        return f"{1 + secrets.randbelow(28):02}"

    def _is_new(self, value: str) -> bool:
        if value in self._given:
            return False
        self._given.add(value)
        return True
