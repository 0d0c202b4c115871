"""The notary: the loop that gives entries their place in the chain, and publishes each day's head.

Any number of processes may run it. Writers never wait for it: it works on what they committed.
"""

import asyncio

from services.registration.audit.handlers import publish_head, seal_waiting
from shared.database import Sessions

BATCH = 1000


async def keep_chain(sessions: Sessions, seconds: float) -> None:
    """Seal what was committed, for ever; look again after so many seconds when nothing waits."""
    while True:
        async with sessions.begin() as session:
            sealed = await seal_waiting(session, BATCH)
        if sealed == BATCH:
            continue
        async with sessions.begin() as session:
            await publish_head(session)
        await asyncio.sleep(seconds)
