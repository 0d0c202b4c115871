"""What each guard costs: the same work with it, and with it taken out, by turns."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from deploy.local.processes import Program
from tests.bench import consuming, delivering, publishing
from tests.bench.enrolling import enrolments_of
from tests.bench.figures import Figure, median
from tests.bench.ground import households, know_contacts
from tests.bench.load import CLIENTS, Call, answers, registrar, saturate
from tests.bench.sizes import sized
from tests.faults.controls import without_guard
from tests.faults.without import taken_out
from tests.support.bodies import event, family, person, place
from tests.support.desk import Desk
from tests.system import System

ROUNDS = sized(3, 1)
FAMILIES = sized(300, 40)
_SPARED = 0.1
"""A guard that costs less than this part needs no reason."""

_WHY = {
    "publisher confirms": "the broker writes each message to the disk before it confirms; without, "
    "a crash of the broker loses what it had not written",
    "inbox": "one row and its two index entries for each message, in the same transaction",
    "outbox": "a row in the same commit, and the relay beside it in the same process",
    "attempt ledger": "a row for each call before it is made, or nobody knows what was under way",
    "seat lock": "enrolments of one event take turns, which is what keeps seats from overselling",
}

Rate = Callable[[], Awaitable[float]]


async def measure(system: System, desk: Desk, provider_url: str) -> list[Figure]:
    """Measure every guard on the work that it guards."""
    figures = await _relay(system)
    figures.append(await _inbox(system))
    figures.append(await _ledger(system, provider_url))
    figures += await _desk_guards(system, desk)
    return figures


async def _relay(system: System) -> list[Figure]:
    figures = []
    async with publishing.only_queue(system) as (queue, database):

        async def rate() -> float:
            published = await publishing.relay(system, database)
            await queue.purge()
            return published

        for guard in ("publisher confirms", "mandatory routing", "relay's advisory lock"):
            both = await _by_turns(guard, "registration", rate)
            figures.append(_figure(guard, "relay: messages published", *both))
    return figures


async def _inbox(system: System) -> Figure:
    known = households(consuming.MANY)
    async with system.broker() as channel, system.database() as database:
        await know_contacts(database, system.sealer("notifications"), known)

        async def rate() -> float:
            await consuming.fill_anew(channel, database, known)
            return await consuming.ours(system)

        both = await _by_turns("inbox", "notifications", rate)
        await database.execute("DELETE FROM notifications.contacts")
    return _figure("inbox", "consumer: messages handled", *both)


async def _ledger(system: System, provider_url: str) -> Figure:
    async def rate() -> float:
        delivered, _ = await delivering.deliver(system, provider_url)
        return delivered

    both = await _started_by_turns(system, "attempt ledger", rate)
    return _figure("attempt ledger", "courier: texts handed over", *both)


async def _desk_guards(system: System, desk: Desk) -> list[Figure]:
    at = place()
    url = system.urls["registration"]
    await asyncio.to_thread(system.start, ["registration", "events"])
    async with registrar(system) as client:
        bodies = [family(at, person(phone=None)) for _ in range(FAMILIES)]
        families = await answers(client, [Call(f"{url}/v1/families", each) for each in bodies])

        async def rate() -> float:
            await asyncio.to_thread(system.start, ["registration"])
            published = await desk.publish(event(at, capacity=FAMILIES * 2))
            calls = [
                Call(f"{url}/v1/enrolments", body)
                for body in enrolments_of(published["id"], families)
            ]
            try:
                return await saturate(client, calls)
            finally:
                await system.stop("registration")

        await system.stop("registration")
        figures = []
        for guard in ("outbox", "seat lock"):
            both = await _started_by_turns(system, guard, rate)
            what = f"enrolments in one event, {CLIENTS} at once"
            figures.append(_figure(guard, what, *both))
    await system.stop("events")
    return figures


async def _by_turns(guard: str, service: str, rate: Rate) -> tuple[float, float]:
    """Measure in this process, with the guard and without it."""
    kept, out = [], []
    for _ in range(ROUNDS):
        kept.append(await rate())
        with taken_out(guard, service):
            out.append(await rate())
    return median(kept), median(out)


async def _started_by_turns(system: System, guard: str, rate: Rate) -> tuple[float, float]:
    """Measure processes that are started for it, with the guard and without it."""
    kept, out = [], []
    for _ in range(ROUNDS):
        kept.append(await rate())
        with _wrapped(system, without_guard(guard)):
            out.append(await rate())
    return median(kept), median(out)


@contextmanager
def _wrapped(system: System, wrap: Callable[[Program], Program]) -> Iterator[None]:
    before, system.wrap = system.wrap, wrap
    try:
        yield
    finally:
        system.wrap = before


def _figure(guard: str, what: str, kept: float, out: float) -> Figure:
    cost = 1 - kept / out
    why = _WHY.get(guard, "") if cost > _SPARED else "less than a tenth"
    return Figure(
        f"{what}, with the {guard}",
        f"{kept:,.0f}/s",
        f"without it: {out:,.0f}/s",
        f"costs {cost:.0%}",
        "under 10%, or why",
        why or "unexplained",
    )
