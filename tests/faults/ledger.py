"""The judge's own account of what was acknowledged, kept outside the system."""

import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from tests.support.bodies import Body


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One answer of 2xx, with the moments of the first try and of the answer (monotonic)."""

    body: Body
    begun: float
    answered: float

    @property
    def id(self) -> UUID:
        """The id of what was made."""
        return UUID(self.body["id"])


@dataclass(frozen=True, slots=True)
class Arrival:
    """A check-in that was acknowledged."""

    event_id: UUID
    family_id: UUID
    person_ids: frozenset[UUID]


@dataclass
class Ledger:
    """What got a 2xx, by what it was."""

    families: dict[UUID, Acknowledged] = field(default_factory=dict)
    enrolments: dict[UUID, Acknowledged] = field(default_factory=dict)
    cancelled: dict[UUID, Acknowledged] = field(default_factory=dict)
    events: dict[UUID, Acknowledged] = field(default_factory=dict)
    moves: dict[UUID, list[Acknowledged]] = field(default_factory=dict)
    erased: dict[UUID, Acknowledged] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)
    invited: set[UUID] = field(default_factory=set)
    """The families who live where some events invite."""
    inviting: set[UUID] = field(default_factory=set)
    """Those events."""
    calls: Counter[str] = field(default_factory=Counter)
    """Acknowledged calls by what they did."""
    repeats: int = 0
    """Calls that had to be made again: without any, nothing was put to the test."""
    answered_twice: list[UUID] = field(default_factory=list)
    """Ids that were acknowledged for two different calls."""

    def note(self, what: dict[UUID, Acknowledged], answer: Acknowledged) -> None:
        """Note what was made."""
        if answer.id in what:
            self.answered_twice.append(answer.id)
        what[answer.id] = answer

    def note_move(self, answer: Acknowledged) -> None:
        """Note that an event got another time."""
        self.moves.setdefault(answer.id, []).append(answer)

    def phone_of(self, family_id: UUID) -> str:
        """The one phone of a family."""
        return str(self.families[family_id].body["members"][0]["phone"])


def now() -> float:
    """The judge's own clock, which nobody sets."""
    return time.monotonic()
