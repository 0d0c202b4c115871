"""Who the present work is done for, carried along without passing it around."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as what, from where and why.

    `subject` is the token's, `staff:<id>` for a person of the staff; `district` is the one they
    are bound to, None for all; `address` is the caller's network address; `reason` is what the
    caller gave.
    """

    subject: str
    roles: frozenset[str] = frozenset()
    district: str | None = None
    address: str | None = None
    reason: str | None = None


SYSTEM = Actor("system")
"""Who acts when nobody called: a message came, or a loop ran."""

_current: ContextVar[Actor] = ContextVar("actor", default=SYSTEM)


def current_actor() -> Actor:
    """Return who the present work is done for."""
    return _current.get()


def act_as(actor: Actor) -> None:
    """Name the actor of the rest of this task: a request's edge, which is a task of its own."""
    _current.set(actor)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Name the actor of all that happens inside."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)
