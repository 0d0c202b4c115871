"""What the audit log knows of one act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

SubjectType = Literal[
    "family",
    "person",
    "enrolment",
    "event",
    "check_in",
    "staff",
    "import",
    "export",
    "duplicate",
    "consent",
    "erasure",
    "audit",
    "dead_letter",
]


@dataclass(frozen=True, slots=True)
class Act:
    """What was done to what, and why.

    `details` are counts, names of fields, ids: never a name, FIN, phone or address.
    """

    action: str
    subject_type: SubjectType
    subject_id: UUID | None
    reason: str | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One act as it was written down: by whom, when, from where and for which call."""

    entry: int
    at: datetime
    actor: str
    roles: Sequence[str]
    address: str | None
    reason: str | None
    action: str
    subject_type: str
    subject_id: UUID | None
    details: dict[str, Any]
    correlation_id: str


@dataclass(frozen=True, slots=True)
class Seal:
    """The place of one entry in the chain: its digest covers the digest of the place before."""

    position: int
    entry: int
    previous: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry and its seal; one that was written a moment ago has none yet."""

    entry: Entry
    seal: Seal | None


@dataclass(frozen=True, slots=True)
class Head:
    """The last place of the chain when a day (of Baku) had ended."""

    day: date
    position: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are looked for; None is any."""

    actor: str | None = None
    action: str | None = None
    subject_type: str | None = None
    subject_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None

    def named(self) -> dict[str, str]:
        """Name the conditions that were set."""
        values = {
            "actor": self.actor,
            "action": self.action,
            "subject_type": self.subject_type,
            "subject_id": self.subject_id and str(self.subject_id),
            "since": self.since and self.since.isoformat(),
            "until": self.until and self.until.isoformat(),
        }
        return {name: value for name, value in values.items() if value}
