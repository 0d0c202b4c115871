"""What is sealed of a family at rest, and the keyed indexes by which a FIN or phone is found."""

from typing import Any

from sqlalchemy import RowMapping

from services.registration.families.domain import Member
from services.registration.families.tables import ADDRESS, EMAIL, FIN, PHONE
from shared.sealing import Sealer

TAIL_DIGITS = 4
"""The last digits of a phone that have an index of their own: what people remember of it."""

_CONTEXTS = {"fin": FIN, "phone": PHONE, "email": EMAIL}


def seal_member(sealer: Sealer, member: Member) -> dict[str, bytes | None]:
    """Make the sealed columns of a person, and their indexes."""
    return {
        **{
            f"{name}_sealed": _seal(sealer, getattr(member, name), context)
            for name, context in _CONTEXTS.items()
        },
        "fin_index": fin_index(sealer, member.fin) if member.fin else None,
        "phone_index": phone_index(sealer, member.phone) if member.phone else None,
        "phone_tail_index": tail_index(sealer, member.phone) if member.phone else None,
    }


def open_member(sealer: Sealer, row: RowMapping) -> dict[str, Any]:
    """Open the sealed columns of a person.

    Raises:
        SealError: a key is gone, or the row was changed by somebody else.
    """
    return {
        name: _open(sealer, row[f"{name}_sealed"], context) for name, context in _CONTEXTS.items()
    }


def seal_address(sealer: Sealer, address: str | None) -> bytes | None:
    """Seal where a family lives."""
    return _seal(sealer, address, ADDRESS)


def open_address(sealer: Sealer, sealed: bytes | None) -> str | None:
    """Open where a family lives.

    Raises:
        SealError: a key is gone, or the row was changed by somebody else.
    """
    return _open(sealer, sealed, ADDRESS)


def fin_index(sealer: Sealer, fin: str) -> bytes:
    """Index a FIN as it is kept, upper-cased."""
    return sealer.index(fin, FIN)


def phone_index(sealer: Sealer, phone: str) -> bytes:
    """Index a phone in E.164."""
    return sealer.index(phone, PHONE)


def tail_index(sealer: Sealer, phone: str) -> bytes:
    """Index the last digits of a phone."""
    return sealer.index(phone[-TAIL_DIGITS:], f"{PHONE}.tail")


def _seal(sealer: Sealer, text: str | None, context: str) -> bytes | None:
    return None if text is None else sealer.seal(text, context)


def _open(sealer: Sealer, sealed: bytes | None, context: str) -> str | None:
    return None if sealed is None else sealer.open(sealed, context)
