"""What is done to the system, one function a fault; each returns when the harm itself is over."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

import aio_pika
import asyncpg
import httpx

from deploy.bootstrap.accounts import SERVICES
from deploy.bootstrap.management import management
from deploy.local.servers import Servers
from shared.contracts.base import INTERNAL
from shared.contracts.registration import ContactChanged
from tests.faults.clock import Clocks
from tests.faults.ledger import Ledger
from tests.faults.provider import Mood, Provider
from tests.support.waiting import eventually
from tests.system import System

CLOCK_FAULT = "a clock jumps"

_LONGEST_WAIT = 15.0
_CLOCK_SLACK = 10.0
"""Seconds that a fault waits for something to harm."""

_PLENTY = 10**18
"""More bytes than any disk has free: the broker's alarm goes off at once."""


@dataclass
class Victim:
    """Everything that can be harmed, and how often what was."""

    system: System
    servers: Servers
    provider: Provider
    clocks: Clocks | None
    dice: random.Random
    ledger: Ledger
    deaths: Counter[str] = field(default_factory=Counter)
    clocks_seen: int = 0
    """Jumps that the replica's own `Date` header showed."""

    def replicas(self, service: str) -> list[str]:
        """The names of a service's processes."""
        return [name for name in self.system.ports if name.partition("-")[0] == service]

    async def keep_alive(self) -> None:
        """Start again whatever died, as `restart: unless-stopped` does, for ever."""
        names = [name for service in SERVICES for name in self.replicas(service)]
        while True:
            for name in names:
                if self.system.processes.running(name) is None:
                    self.system.launch(name)
            await asyncio.sleep(0.3)


Act = Callable[[Victim], Awaitable[str]]
"""Does its harm; says in a few words to whom."""


async def kill_one(on: Victim) -> str:
    """`kill -9` of one replica of a service."""
    service = min(SERVICES, key=lambda name: (on.deaths[name], on.dice.random()))
    return await _kill(on, [on.dice.choice(on.replicas(service))])


async def kill_both(on: Victim) -> str:
    """`kill -9` of both replicas of a service."""
    return await _kill(on, on.replicas(on.dice.choice(SERVICES)))


async def kill_in_call(on: Victim) -> str:
    """`kill -9` of both replicas of notifications while the provider has texts and is silent."""
    on.provider.mood = "silent"
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LONGEST_WAIT):
            while not on.provider.silent_calls:
                await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    killed = await _kill(on, on.replicas("notifications"))
    on.provider.mood = "well"
    return killed


async def leave_alone(on: Victim) -> str:
    """No harm, so that a load is all that happens."""
    await asyncio.sleep(4)
    return "nobody"


async def _kill(on: Victim, names: list[str]) -> str:
    for name in names:
        await on.system.kill9(name)
        on.deaths[name.partition("-")[0]] += 1
    return ", ".join(names)


async def stop_rabbitmq(on: Victim) -> str:
    """RabbitMQ stopped and started in order."""
    await asyncio.to_thread(on.servers.rabbitmq.stop)
    await asyncio.sleep(on.dice.uniform(0.5, 3))
    await asyncio.to_thread(on.servers.rabbitmq.start)
    return "RabbitMQ"


async def crash_rabbitmq(on: Victim) -> str:
    """RabbitMQ killed and started."""
    await asyncio.to_thread(on.servers.rabbitmq.crash)
    await asyncio.to_thread(on.servers.rabbitmq.start)
    return "RabbitMQ"


async def cut_connections(on: Victim) -> str:
    """Every AMQP connection of the services closed by the broker."""
    async with management(on.system.admin) as api:
        connections = await api.get("connections")
        ours = [each["name"] for each in connections if each.get("user") in SERVICES]
        for name in ours:
            await api.delete("connections", name)
    return f"{len(ours)} connections"


async def fill_disk(on: Victim) -> str:
    """The broker's disk alarm: publishers are blocked."""
    rabbitmq = on.servers.rabbitmq
    await asyncio.to_thread(rabbitmq.control, "set_disk_free_limit", str(_PLENTY))
    await asyncio.sleep(on.dice.uniform(3, 6))
    await asyncio.to_thread(rabbitmq.control, "set_disk_free_limit", "50MB")
    return "RabbitMQ"


async def crash_full_rabbitmq(on: Victim) -> str:
    """RabbitMQ killed while its disk alarm keeps it from reading what it is sent."""
    rabbitmq = on.servers.rabbitmq
    await asyncio.to_thread(rabbitmq.control, "set_disk_free_limit", str(_PLENTY))
    await asyncio.sleep(on.dice.uniform(2, 4))
    return await crash_rabbitmq(on)


async def stop_postgres(on: Victim) -> str:
    """Postgres stopped and started in order."""
    await asyncio.to_thread(on.servers.postgres.stop)
    await asyncio.sleep(on.dice.uniform(0.5, 3))
    await asyncio.to_thread(on.servers.postgres.start)
    return "Postgres"


async def crash_postgres(on: Victim) -> str:
    """Postgres killed and started, which recovers from its log."""
    await asyncio.to_thread(on.servers.postgres.crash)
    await asyncio.to_thread(on.servers.postgres.start)
    return "Postgres"


async def terminate_backends(on: Victim) -> str:
    """Every database connection of the services ended by the server."""
    async with on.system.database() as database:
        ended = await database.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND usename LIKE '%\\_app'"
        )
    return f"{ended} backends"


async def silence_provider(on: Victim) -> str:
    """The provider takes texts and never answers."""
    return await _mood(on, "silent")


async def overload_provider(on: Victim) -> str:
    """The provider answers 429."""
    return await _mood(on, "429")


async def break_provider(on: Victim) -> str:
    """The provider answers 500."""
    return await _mood(on, "500")


async def _mood(on: Victim, mood: Mood) -> str:
    on.provider.mood = mood
    seconds = on.dice.uniform(2, 5)
    await asyncio.sleep(seconds)
    on.provider.mood = "well"
    return f"{seconds:.1f} s"


async def jump_clock(on: Victim) -> str:
    """The wall clock of one replica jumps, and comes back."""
    assert on.clocks is not None
    name = on.dice.choice(on.replicas(on.dice.choice(SERVICES)))
    seconds = on.dice.choice((-1, 1)) * on.dice.randrange(60, 1800)
    on.clocks.set(name, seconds)

    async def look() -> None:
        assert abs(await _clock_error(on.system.urls[name]) - seconds) < _CLOCK_SLACK

    with contextlib.suppress(AssertionError):  # the report tells how many were seen
        await eventually(look, _LONGEST_WAIT)
        on.clocks_seen += 1
    await asyncio.sleep(on.dice.uniform(4, 8))
    on.clocks.set(name, 0)
    return f"{name} by {seconds:+d} s"


async def _clock_error(url: str) -> float:
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
            answer = await client.get(f"{url}/health/live")
    except httpx.TransportError as failure:  # it may be starting just now
        raise AssertionError(type(failure).__name__) from failure
    return parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()


async def take_binding(on: Victim) -> str:
    """The one queue of a message is not bound for a while: nobody would get it."""
    queue, key = "notifications.contacts", ContactChanged.routing_key
    async with on.system.broker() as channel:
        where = await channel.get_queue(queue)
        await where.unbind(INTERNAL, key)
        await asyncio.sleep(on.dice.uniform(2, 4))
        await where.bind(INTERNAL, key)
    return queue


async def send_again(on: Victim) -> str:
    """The operator lets outboxes send their last minutes again, as after a lost volume."""
    many = 0
    async with on.system.database() as database:
        for service in SERVICES:
            many += await database.fetchval(
                f"WITH again AS (UPDATE {service}.outbox SET published_at = NULL "
                "WHERE published_at > now() - interval '2 minutes' RETURNING 1) "
                "SELECT count(*) FROM again"
            )
        await database.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name LIKE '% relay'"
        )
    return f"{many} messages"


async def send_erasures_again(on: Victim) -> str:
    """Outboxes sent again when some family was erased, which is a work that cannot be repeated."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LONGEST_WAIT):
            while len(on.ledger.erased) < 3:
                await asyncio.sleep(0.2)
    await asyncio.sleep(3)
    return await send_again(on)


FAULTS: Mapping[str, tuple[Act, int]] = {
    "kill -9 of one replica": (kill_one, 6),
    "kill -9 of both replicas": (kill_both, 1),
    "kill -9 in the middle of calls": (kill_in_call, 1),
    "RabbitMQ stopped and started": (stop_rabbitmq, 1),
    "RabbitMQ killed": (crash_rabbitmq, 1),
    "AMQP connections cut": (cut_connections, 2),
    "RabbitMQ's disk alarm": (fill_disk, 1),
    "RabbitMQ killed while its disk is full": (crash_full_rabbitmq, 1),
    "Postgres stopped and started": (stop_postgres, 1),
    "Postgres killed": (crash_postgres, 1),
    "Postgres backends terminated": (terminate_backends, 2),
    "provider takes and never answers": (silence_provider, 2),
    "provider answers 429": (overload_provider, 1),
    "provider answers 500": (break_provider, 1),
    CLOCK_FAULT: (jump_clock, 2),
    "a queue loses its binding": (take_binding, 1),
    "outboxes sent again": (send_again, 1),
}
"""Every fault, and how often it is in one deck of the schedule."""


async def servers_answer(on: Victim, seconds: float = 60) -> None:
    """Wait until both servers take clients, whatever was done to them."""

    async def look() -> None:
        try:
            async with on.system.database(), on.system.broker():
                pass
        except (OSError, asyncpg.PostgresError, aio_pika.exceptions.AMQPError) as failure:
            raise AssertionError(type(failure).__name__) from failure

    await eventually(look, seconds)
