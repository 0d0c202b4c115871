"""HTTP bodies of the audit log."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, PlainSerializer, WithJsonSchema

from services.registration.audit import domain
from services.registration.audit.chain import moment
from shared.paging import bad_cursor, decode_cursor

LONGEST_WORD = 200

_LAST_ENTRY = 2**63 - 1

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]

Exact = Annotated[
    datetime,
    PlainSerializer(moment, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A point in time as digests cover it: always six digits of a second."""


class Entry(BaseModel):
    """One act: who did what to what, when, from where and why.

    `position` and `digest` are null for the moment until the entry has its place in the chain.
    """

    entry: int
    at: Exact
    actor: str
    roles: list[str]
    address: str | None
    reason: str | None
    action: str
    subject_type: str
    subject_id: UUID | None
    details: dict[str, Any]
    correlation_id: str
    position: int | None
    digest: Digest | None

    @classmethod
    def of(cls, placed: domain.Placed) -> "Entry":
        """Make it of an entity."""
        entry, seal = placed.entry, placed.seal
        return cls(
            entry=entry.entry,
            at=entry.at,
            actor=entry.actor,
            roles=list(entry.roles),
            address=entry.address,
            reason=entry.reason,
            action=entry.action,
            subject_type=entry.subject_type,
            subject_id=entry.subject_id,
            details=entry.details,
            correlation_id=entry.correlation_id,
            position=seal.position if seal else None,
            digest=seal.digest.hex() if seal else None,
        )


class Head(BaseModel):
    """The last place of the chain when a day of Baku had ended: who holds it can prove a change."""

    day: date
    position: int
    digest: Digest

    @classmethod
    def of(cls, head: domain.Head) -> "Head":
        """Make it of an entity."""
        return cls(day=head.day, position=head.position, digest=head.digest.hex())


def before(cursor: str | None) -> int | None:
    """Tell before which entry the page of a cursor begins.

    Raises:
        Problem: 422, it is no cursor of this list.
    """
    if cursor is None:
        return None
    entry = decode_cursor(cursor, 1)[0]
    if not (entry.isascii() and entry.isdigit() and int(entry[:20]) <= _LAST_ENTRY):
        raise bad_cursor()
    return int(entry)
