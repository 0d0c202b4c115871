"""One `up` or `down` at a time in a root folder."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from deploy.bootstrap.failure import DeployError
from deploy.local.waiting import wait_until


@contextmanager
def exclusively(root: Path, say: Callable[[str], None], seconds: float = 300) -> Iterator[None]:
    """Hold the root folder's lock; it is free again when the process ends, however it ends.

    Raises DeployError when another one still holds it after `seconds`.
    """
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("w") as file:
        if not _take(file):
            say("another up or down is at work here; waiting for it")
            if not wait_until(lambda: _take(file), seconds, every=0.2):
                raise DeployError(
                    f"another up or down has held {root / 'lock'} for {seconds:.0f} s"
                )
        yield


def _take(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
