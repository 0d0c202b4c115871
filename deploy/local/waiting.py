"""Waiting with a bound."""

import time
from collections.abc import Callable


def wait_until(true: Callable[[], bool], seconds: float, every: float = 0.05) -> bool:
    """Ask again and again until `true` or until `seconds` have passed; tell which."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(every)
    return True
