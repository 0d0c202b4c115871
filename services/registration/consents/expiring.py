"""The loop that ends consents on the day after their validity."""

import asyncio

from services.registration.consents.handlers import expire_ended
from shared.database import Sessions

BATCH = 50


async def expire_for_ever(sessions: Sessions, seconds: float) -> None:
    """End what is past its validity, looking every so many seconds."""
    while True:
        async with sessions.begin() as session:
            ended = await expire_ended(session, BATCH)
        if ended < BATCH:
            await asyncio.sleep(seconds)
