"""Waking the courier when something is due: LISTEN, with polling as the safety net."""

import asyncio
import contextlib

import asyncpg

CHANNEL = "notifications_due"


class WakeUp:
    """An alarm that Postgres rings after each commit that made notifications."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._rung = asyncio.Event()

    def clear(self) -> None:
        """Note that everything up to now is being looked at."""
        self._rung.clear()

    async def wait(self, seconds: float) -> None:
        """Wait until it rings, but no longer than some seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)

    async def listen(self) -> None:
        """Listen until the connection breaks; raises then, to be begun again."""
        broken = asyncio.Event()
        database = await asyncpg.connect(
            self._database_url,
            server_settings={"application_name": "notifications wake-up"},
        )
        try:
            database.add_termination_listener(lambda _: broken.set())
            await database.add_listener(CHANNEL, lambda *_: self._rung.set())
            self._rung.set()
            await broken.wait()
        finally:
            database.terminate()
        raise ConnectionError("the wake-up connection broke")
