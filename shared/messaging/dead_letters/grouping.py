"""Dead letters that failed alike, together: by queue, message type and exception."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.messaging.dead_letters.letters import DeadLetter, Kind

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Which:
    """Which dead letters are meant; None is any."""

    queue: str | None = None
    type: str | None = None
    exception: str | None = None
    refs: frozenset[str] | None = None

    def holds(self, letter: DeadLetter) -> bool:
        """Tell whether a letter is meant."""
        return (
            self.queue in {None, letter.queue}
            and self.type in {None, letter.type or ""}
            and self.exception in {None, letter.exception}
            and (self.refs is None or letter.ref in self.refs)
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Letters of one queue, type and exception; `example` is the one that failed last."""

    queue: str
    type: str | None
    exception: str
    kind: Kind
    count: int
    first: datetime | None
    last: datetime | None
    versions: tuple[str, ...]
    most_replays: int
    example: DeadLetter


def group(letters: Iterable[DeadLetter]) -> list[Group]:
    """Group letters; the largest group first."""
    found: dict[tuple[str, str, str], list[DeadLetter]] = {}
    for letter in letters:
        key = (letter.queue, letter.type or "", letter.exception)
        found.setdefault(key, []).append(letter)
    groups = [_group(same) for same in found.values()]
    return sorted(groups, key=lambda each: (-each.count, each.queue, each.type or ""))


def in_order(letters: Iterable[DeadLetter]) -> list[DeadLetter]:
    """Sort letters by when they failed, then by their reference."""
    return sorted(letters, key=place)


def place(letter: DeadLetter) -> tuple[str, str]:
    """The place of a letter in a list; it stays when others come or go."""
    return ((letter.failed_at or _NEVER).astimezone(UTC).isoformat(), letter.ref)


def _group(same: Sequence[DeadLetter]) -> Group:
    known = [each for each in same if each.failed_at is not None]
    example = max(known, key=place) if known else same[-1]
    moments = [each.failed_at for each in known if each.failed_at is not None]
    return Group(
        queue=example.queue,
        type=example.type,
        exception=example.exception,
        kind=example.kind,
        count=len(same),
        first=min(moments, default=None),
        last=max(moments, default=None),
        versions=tuple(sorted({each.version for each in same if each.version})),
        most_replays=max(each.replays for each in same),
        example=example,
    )
