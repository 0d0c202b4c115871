"""The chain of the audit log, as an outsider can recompute it (docs/audit.md).

The digest of a place is SHA-256 (FIPS 180-4) over the UTF-8 bytes of one JSON object in canonical
form (RFC 8785): the entry's eleven columns, its `position`, and `previous`, the digest before in
hexadecimal. The first place follows 64 zeros.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from services.registration.audit.domain import Entry, Seal

BEGINNING = bytes(32)
"""What the first place of the chain follows."""

_SAFE_INTEGER = 2**53
_PLAIN_FROM, _PLAIN_TO = -7, 21


def place(entries: Iterable[Entry], after: Seal | None) -> list[Seal]:
    """Give entries the next places of the chain."""
    position, previous = (after.position, after.digest) if after else (0, BEGINNING)
    seals = []
    for entry in entries:
        position += 1
        seal = Seal(position, entry.entry, previous, digest(entry, position, previous))
        seals.append(seal)
        previous = seal.digest
    return seals


def digest(entry: Entry, position: int, previous: bytes) -> bytes:
    """Compute the digest of an entry at a place of the chain."""
    return hashlib.sha256(canonical(as_told(entry, position, previous)).encode()).digest()


def as_told(entry: Entry, position: int, previous: bytes) -> dict[str, Any]:
    """Name what a digest covers, as the JSON object that is hashed."""
    return {
        "action": entry.action,
        "actor": entry.actor,
        "address": entry.address,
        "at": moment(entry.at),
        "correlation_id": entry.correlation_id,
        "details": entry.details,
        "entry": entry.entry,
        "position": position,
        "previous": previous.hex(),
        "reason": entry.reason,
        "roles": list(entry.roles),
        "subject_id": None if entry.subject_id is None else str(entry.subject_id),
        "subject_type": entry.subject_type,
    }


def moment(at: datetime) -> str:
    """Write a point in time with six digits of a second, in UTC: `2026-11-25T06:00:00.000000Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(value: Any) -> str:
    """Write JSON in the canonical form of RFC 8785.

    Raises:
        ValueError: a number that JSON does not have.
    """
    if isinstance(value, Mapping):
        # RFC 8785 sorts by UTF-16 code units, which is not the order of code points.
        pairs = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
        inner = ",".join(f"{_string(name)}:{canonical(each)}" for name, each in pairs)
        return f"{{{inner}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(canonical, value))}]"
    if isinstance(value, str):
        return _string(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int) and abs(value) <= _SAFE_INTEGER:
        return str(value)
    return _number(float(value))


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _number(value: float) -> str:
    """Write a double as ECMAScript does (RFC 8785, section 3.2.2.3)."""
    if not math.isfinite(value):
        raise ValueError("JSON has no such number")
    if value == 0:
        return "0"
    _, digits, power = Decimal(repr(value)).normalize().as_tuple()
    exponent = int(power)
    text = "".join(map(str, digits))
    sign, point = "-" if value < 0 else "", len(text) + exponent
    if _PLAIN_FROM < point - 1 < _PLAIN_TO:
        return sign + _plain(text, point)
    rest = f".{text[1:]}" if len(text) > 1 else ""
    return f"{sign}{text[0]}{rest}e{point - 1:+d}"


def _plain(digits: str, point: int) -> str:
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    if point >= len(digits):
        return digits + "0" * (point - len(digits))
    return f"{digits[:point]}.{digits[point:]}"
