"""The loop that ends offers whose time has passed, and passes the seats on."""

import asyncio

from services.registration.waiting_list import handlers, queries
from shared.database import Sessions

EVENTS_AT_ONCE = 100


async def pass_on_for_ever(sessions: Sessions, every_seconds: float) -> None:
    """End overdue offers, for ever; what is overdue is read from the rows, so nothing is lost."""
    while True:
        if not await pass_on_overdue(sessions):
            await asyncio.sleep(every_seconds)


async def pass_on_overdue(sessions: Sessions) -> int:
    """End the overdue offers of some events, each in a transaction; return of how many events.

    Processes may do this at once: the event's lock lets them through one by one, and the second
    finds nothing left. An event that fails keeps none of the others waiting.

    Raises:
        ExceptionGroup: of the events that failed; the others are done.
    """
    async with sessions() as session:
        events = await queries.list_events_overdue(session, EVENTS_AT_ONCE)
    failures: list[Exception] = []
    for event_id in events:
        try:
            async with sessions.begin() as session:
                await handlers.pass_on(session, event_id)
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise ExceptionGroup("offers could not be passed on", failures)
    return len(events)
