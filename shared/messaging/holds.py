"""Which subjects the relay holds back after a refusal, and until when."""

import math
import time
from collections.abc import Iterable


class Holds:
    """Subjects whose last message was refused; each refusal doubles the wait, up to a bound.

    A subject stays held until its message was confirmed; when its time is up it is released for
    one more try.
    """

    def __init__(self, first_seconds: float, last_seconds: float) -> None:
        self._first = first_seconds
        self._last = last_seconds
        self._held: dict[str, float] = {}
        self._waits: dict[str, float] = {}

    def __contains__(self, subject: str) -> bool:
        return subject in self._held

    def __len__(self) -> int:
        return len(self._held)

    def subjects(self) -> list[str]:
        """The subjects held now."""
        return list(self._held)

    def hold(self, subject: str) -> float:
        """Hold a subject back; return for how many seconds."""
        seconds = min(self._waits.get(subject, self._first / 2) * 2, self._last)
        self._waits[subject] = seconds
        self._held[subject] = time.monotonic() + seconds
        return seconds

    def release_due(self) -> None:
        """Let the subjects whose time is up have another try."""
        now = time.monotonic()
        self._held = {name: until for name, until in self._held.items() if until > now}

    def any_due(self) -> bool:
        """Tell whether some subject may be tried again."""
        return self.seconds_to_next() <= 0

    def seconds_to_next(self) -> float:
        """Seconds until the next subject may be tried again, infinite without one."""
        if not self._held:
            return math.inf
        return min(self._held.values()) - time.monotonic()

    def forget(self, confirmed: Iterable[str]) -> None:
        """Forget past refusals of subjects whose message was confirmed."""
        if not self._waits:
            return
        for subject in confirmed:
            self._waits.pop(subject, None)
