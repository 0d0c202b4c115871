"""Waiting for what happens elsewhere, with a bound."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(look: Callable[[], Awaitable[T]], seconds: float = 15) -> T:
    """Look again and again until it raises no AssertionError any more; return what it found.

    Raises the last AssertionError when that takes longer than `seconds`.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            return await look()
        except AssertionError:
            if time.monotonic() > until:
                raise
        await asyncio.sleep(0.1)
