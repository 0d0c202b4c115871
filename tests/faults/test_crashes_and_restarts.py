"""Nothing is lost and nothing happens twice, whatever dies while 500 families enrol."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from deploy.bootstrap.accounts import SERVICES
from deploy.local.servers import Server, Servers
from tests.faults.judge import (
    becomes_quiet,
    every_phone_has_its_texts_and_none_twice,
    everything_acknowledged_is_there_once,
    outside_missed_nothing,
)
from tests.faults.ledger import Ledger
from tests.faults.load import Load
from tests.support.outside import outside_system
from tests.system import System


async def test_services_killed_at_random_lose_nothing_and_double_nothing(
    broken_system: System,
) -> None:
    deaths: Counter[str] = Counter()
    async with judged(broken_system, seed=11) as (enrolling, ledger):
        await kill_at_random(broken_system, random.Random(11), enrolling, deaths)
    assert set(deaths) == set(SERVICES), deaths
    assert ledger.repeats > 0, "nothing broke while families enrolled"


async def test_a_restart_and_a_crash_of_rabbitmq_lose_nothing_and_double_nothing(
    broken_system: System, own_servers: Servers
) -> None:
    async with judged(broken_system, seed=12) as (_, ledger):
        await restart_and_crash(own_servers.rabbitmq)
    assert ledger.repeats == 0, "a desk noticed that the broker was away"


async def test_a_restart_and_a_crash_of_postgres_lose_nothing_and_double_nothing(
    broken_system: System, own_servers: Servers
) -> None:
    async with judged(broken_system, seed=13) as (_, ledger):
        await restart_and_crash(own_servers.postgres)
    assert ledger.repeats > 0, "nothing broke while families enrolled"


@asynccontextmanager
async def judged(system: System, seed: int) -> AsyncIterator[tuple[asyncio.Task[None], Ledger]]:
    """Enrol everyone while the block does harm, let it settle, and judge."""
    ledger = Ledger()
    load = Load(system, ledger, seed)
    async with outside_system(system, f"judge{seed}", ["registration.#"]) as (_, ear):
        await load.prepare()
        enrolling = asyncio.create_task(load.run())
        await asyncio.sleep(2)
        yield enrolling, ledger
        await enrolling
        await becomes_quiet(system)
        await everything_acknowledged_is_there_once(system, load, ledger)
        doubtful = await every_phone_has_its_texts_and_none_twice(system, load, ledger)
        await outside_missed_nothing(ear, load, ledger)
        print(f"{ledger.repeats} calls made again, {doubtful} texts in doubt")


async def kill_at_random(
    system: System, dice: random.Random, enrolling: asyncio.Task[None], deaths: Counter[str]
) -> None:
    """Kill one service after the other, and start it again a moment later, while they enrol."""
    rounds = itertools.chain.from_iterable(
        dice.sample(SERVICES, len(SERVICES)) for _ in itertools.count()
    )
    for service in rounds:
        if enrolling.done():
            return
        await system.kill9(service)
        deaths[service] += 1
        await asyncio.sleep(dice.uniform(0, 0.8))
        await asyncio.to_thread(system.start, [service])
        await asyncio.sleep(dice.uniform(0.2, 1.5))


async def restart_and_crash(server: Server) -> None:
    """Stop and start a server in order, and then once more as after a crash."""
    await asyncio.to_thread(server.restart)
    await asyncio.sleep(3)
    await asyncio.to_thread(server.crash)
    await asyncio.to_thread(server.start)
