"""The judge's own account of what was acknowledged, kept outside the system."""

from dataclasses import dataclass, field
from uuid import UUID

from tests.support.bodies import Body


@dataclass
class Ledger:
    """What got a 2xx, with the answer as it was."""

    families: dict[UUID, Body] = field(default_factory=dict)
    enrolments: dict[UUID, Body] = field(default_factory=dict)
    events: dict[UUID, Body] = field(default_factory=dict)
    repeats: int = 0
    """Calls that had to be made again: without any, nothing was put to the test."""

    def note(self, what: dict[UUID, Body], answer: Body) -> Body:
        """Note an answer; one id is never acknowledged for two calls."""
        id_ = UUID(answer["id"])
        assert id_ not in what, f"{id_} was acknowledged twice"
        what[id_] = answer
        return answer

    @property
    def phones(self) -> dict[str, Body]:
        """Every family by its one phone."""
        return {str(family["members"][0]["phone"]): family for family in self.families.values()}
