"""The loop that compares families soon after they are written."""

import asyncio

from services.registration.duplicates import handlers
from shared.database import Sessions


async def compare_for_ever(sessions: Sessions, *, batch: int, poll_seconds: float) -> None:
    """Compare what waits for it, batch by batch; then look again every so often."""
    while True:
        async with sessions.begin() as session:
            compared = await handlers.compare_next(session, batch)
        if not compared:
            await asyncio.sleep(poll_seconds)
