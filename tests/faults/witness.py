"""What another ministry heard: every message of `qayidis.public`, when, and how often."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aio_pika.abc import AbstractIncomingMessage

from tests.faults.ledger import now
from tests.support.outside import Ear, read


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as it came for the first time."""

    id: str
    kind: str
    subject: UUID
    version: int
    sequence: int
    data: dict[str, Any]
    at: float


class Witness(Ear):
    """An ear that also notes when each message came first and how often it came again."""

    def __init__(self) -> None:
        super().__init__()
        self._first: dict[str, float] = {}
        self.repeats: Counter[str] = Counter()

    async def hear(self, message: AbstractIncomingMessage) -> None:
        """Take one message."""
        id_ = str(message.message_id)
        if id_ in self._first:
            self.repeats[id_] += 1
        self._first.setdefault(id_, now())
        await super().hear(message)

    @property
    def changed(self) -> list[str]:
        """Ids that came with two contents."""
        return list(self._changed)

    def all(self) -> list[Heard]:
        """Everything heard, in the order it came."""
        return list(self._read())

    def _read(self) -> Iterator[Heard]:
        for message in self.messages:
            event = read(message)
            data = event.get_data()
            assert isinstance(data, dict)
            yield Heard(
                id=str(message.message_id),
                kind=str(message.routing_key),
                subject=UUID(str(event.get_subject())),
                version=int(event.get_extension("subjectversion")),
                sequence=int(event.get_extension("sequence")),
                data=data,
                at=self._first[str(message.message_id)],
            )


def gaps(heard: list[Heard]) -> list[str]:
    """Name each number that is missing, or stands for two messages, type by type."""
    numbers: dict[str, Counter[int]] = defaultdict(Counter)
    for each in heard:
        numbers[each.kind][each.sequence] += 1
    found = []
    for kind, seen in sorted(numbers.items()):
        missing = set(range(1, max(seen) + 1)) - set(seen)
        found += [f"{kind} {number} is missing" for number in sorted(missing)]
        found += [f"{kind} {number} stands for {n}" for number, n in seen.items() if n > 1]
    return found


def out_of_order(heard: list[Heard]) -> list[str]:
    """Name each message that came behind a later one of its subject."""
    last: dict[tuple[str, UUID], int] = {}
    found = []
    for each in heard:
        subject = (each.kind.partition(".")[0], each.subject)
        if last.get(subject, 0) > each.version:
            found.append(f"{each.kind} {each.subject} v{each.version} after v{last[subject]}")
        last[subject] = max(last.get(subject, 0), each.version)
    return found
