"""What the audit log knows of one act."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

SubjectType = Literal[
    "family", "person", "enrolment", "event", "check_in", "staff", "import", "export", "duplicate"
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
