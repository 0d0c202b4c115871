"""What the use cases of staff need beside the database, carried by every session."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.staff.domain import Limits
from services.registration.staff.passwords import Passwords

KEY = "staff"
"""The name in a session's info."""


@dataclass(frozen=True)
class Means:
    """The limits of signing in, and what hashes passwords."""

    limits: Limits = field(default_factory=Limits)
    passwords: Passwords = field(default_factory=Passwords)


def means_of(session: AsyncSession) -> Means:
    """Return what a session carries along."""
    means: Means = session.info[KEY]
    return means
