"""Members of the staff, and what bounds their signing in."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

StaffRole = Literal["registrar", "organiser", "auditor", "operator"]
STAFF_ROLES: tuple[StaffRole, ...] = get_args(StaffRole)

Language = Literal["az", "en", "ru"]

LONGEST_PASSWORD = 200
LONGEST_LOGIN = 64

_LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._@-]*[a-z0-9])?")
_SUBJECT = "staff:"


@dataclass(frozen=True)
class Limits:
    """What bounds signing in; these defaults are those of the settings."""

    password_length: int = 12
    failures: int = 5
    lock: timedelta = timedelta(minutes=15)
    address_failures: int = 100
    idle: timedelta = timedelta(minutes=30)
    session: timedelta = timedelta(hours=12)
    temporary_password: timedelta = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of the staff; one without a district may see the families of all.

    Who has a temporary password, and no other way to sign in, must change it first.
    """

    id: UUID
    login: str
    name: str
    roles: frozenset[str]
    district: str | None
    language: Language
    must_change_password: bool = False

    @property
    def subject(self) -> str:
        """The name in tokens and in the audit log."""
        return f"{_SUBJECT}{self.id}"


@dataclass(frozen=True, slots=True)
class Account:
    """A staff account as operators see it; `password_expires_at` is of a temporary password."""

    staff: Staff
    email: str | None
    version: int
    created_at: datetime
    disabled_at: datetime | None
    password_expires_at: datetime | None
    last_seen_at: datetime | None = None


def read_login(typed: str) -> str:
    """Read a login as people type it: any case, with spaces around it."""
    typed = typed.strip()
    return typed.lower() if typed.isascii() else typed


def check_login(login: str) -> None:
    """Check a new login.

    Raises:
        ValueError: it cannot be one, and why.
    """
    if not 2 <= len(login) <= LONGEST_LOGIN or not _LOGIN.fullmatch(login):
        raise ValueError(
            "must have 2 to 64 small Latin letters, digits and . _ - @, and a letter or digit at "
            "both ends"
        )


def staff_id_of(subject: str) -> UUID | None:
    """Read which member of the staff a subject names; None when it names something else."""
    try:
        return UUID(subject.removeprefix(_SUBJECT)) if subject.startswith(_SUBJECT) else None
    except ValueError:
        return None
