"""What can go wrong with dead letters, as problems for a caller."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.messaging.dead_letters.away import SERVER_AWAY
from shared.messaging.dead_letters.moving import Moved
from shared.messaging.dead_letters.turns import BusyError
from shared.observability import describe
from shared.problems import Problem, conflict, not_found


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn a server that is away, and a queue somebody else is at, into a 503."""
    try:
        yield
    except BusyError as busy:
        detail = f"Somebody else is busy with the dead letters of {busy.queue}. Try again."
        raise Problem(503, "dead-letters-busy", detail, headers={"Retry-After": "5"}) from busy
    except SERVER_AWAY as away:
        detail = f"A server does not answer as it should, nothing is lost: {describe(away)}"
        raise Problem(503, "dead-letters-away", detail, headers={"Retry-After": "5"}) from away


def check_left(moved: Moved) -> None:
    """See that the one letter that was meant has left.

    Raises:
        Problem: 404, it is not there any more; 409, it was refused and stays.
    """
    for refused in moved.refused:
        if refused.why == "gone":
            raise not_found("dead letter")
        raise conflict(f"dead-letter-{refused.why}", f"It stays: {refused.detail}.")
