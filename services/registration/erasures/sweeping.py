"""The loop that finishes erasures in this service: what was told can go once it was published."""

import asyncio

from services.registration.erasures.handlers import sweep
from shared.database import Sessions

BATCH = 100


async def sweep_for_ever(sessions: Sessions, seconds: float) -> None:
    """Finish what can be finished, looking every so many seconds."""
    while True:
        async with sessions.begin() as session:
            await sweep(session, BATCH)
        await asyncio.sleep(seconds)
