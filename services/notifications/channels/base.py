"""What a channel is: the place with real alternatives, and what an attempt can come to."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text on its way; `id` is the provider's idempotency key.

    `traceparent` (W3C Trace Context) is of the call, for a provider that traces.
    """

    id: UUID
    address: str
    subject: str
    text: str
    traceparent: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it; `reference` is its own name for it."""

    reference: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider will never take it."""

    reason: str


@dataclass(frozen=True, slots=True)
class TryLater:
    """The provider certainly did not take it this time; `after` is its wish in seconds."""

    reason: str
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """It may have been taken: nobody knows, so it is not tried again."""

    reason: str


Outcome = Accepted | Refused | TryLater | Doubt


class Channel(Protocol):
    """A way for texts to leave."""

    async def hand_over(self, outgoing: Outgoing) -> Outcome:
        """Make one call to the provider; every failure of it is an outcome, never raised."""
        ...

    async def close(self) -> None:
        """Let the connections go."""
        ...
