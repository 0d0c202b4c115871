"""Which request or message the code is working for, carried along without passing it around."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from shared.ids import new_id

_TRACEPARENT = re.compile(r"^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$")


@dataclass(frozen=True, slots=True)
class Cause:
    """What made the present work happen.

    `correlation_id` stays the same along a whole chain, `causation_id` is the message before,
    `traceparent` is as in W3C Trace Context: it names the span under which what follows belongs.
    `begins` says that nobody gave that: a span for this cause starts a trace of its own.
    """

    correlation_id: str
    causation_id: str | None
    traceparent: str
    begins: bool = False

    @property
    def trace_id(self) -> str:
        """The trace, as operators search for it."""
        return self.traceparent[3:35]


_current: ContextVar[Cause | None] = ContextVar("cause", default=None)


def cause_at_hand() -> Cause | None:
    """Return the cause of the present work, None where nothing started it."""
    return _current.get()


def current_cause() -> Cause:
    """Return the cause of the present work, a new one where nothing started it."""
    return _current.get() or new_cause()


def new_cause(
    *,
    correlation_id: str | None = None,
    causation_id: str | None = None,
    traceparent: str | None = None,
) -> Cause:
    """Make a cause; a traceparent that is not valid is replaced, as the standard asks."""
    valid = traceparent is not None and _TRACEPARENT.match(traceparent) is not None
    return Cause(
        correlation_id=correlation_id or str(new_id()),
        causation_id=causation_id,
        traceparent=traceparent if valid and traceparent else _new_traceparent(),
        begins=not valid,
    )


@contextmanager
def working_for(cause: Cause) -> Iterator[None]:
    """Name the cause of all that happens inside."""
    token = _current.set(cause)
    try:
        yield
    finally:
        _current.reset(token)


def _new_traceparent() -> str:
    # Not sampled: no span with this id is ever recorded.
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
