"""What the use cases of staff need beside the database, carried by every session."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.staff.domain import Limits
from services.registration.staff.passwords import Passwords
from services.registration.staff.tokens import TokenIssuer

KEY = "staff"
"""The name in a session's info."""


@dataclass(frozen=True)
class Means:
    """The limits of signing in, what hashes passwords, and, in the service, what signs tokens."""

    limits: Limits = field(default_factory=Limits)
    passwords: Passwords = field(default_factory=Passwords)
    signer: TokenIssuer | None = None

    @property
    def issuer(self) -> TokenIssuer:
        """What signs tokens."""
        if self.signer is None:
            raise RuntimeError("the command line signs no tokens of staff")
        return self.signer


def means_of(session: AsyncSession) -> Means:
    """Return what a session carries along."""
    means: Means = session.info[KEY]
    return means
