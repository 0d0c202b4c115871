"""Pending notifications to a provider of 20 ms: texts a second, and processor time for 1,000."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import httpx

from services.notifications.contacts.sealed import address_index, seal_address
from shared.ids import new_id
from shared.sealing import Sealer
from tests.bench.figures import Figure
from tests.bench.ground import cpu_seconds, households, know_event
from tests.bench.sizes import sized
from tests.system import System

MANY = sized(12_000, 1_000)
CELERY_TEXTS, CELERY_CPU = 284, 5.4


async def measure(system: System, provider_url: str) -> Figure:
    """Measure how fast texts leave, and what that costs."""
    rate, cost = await deliver(system, provider_url)
    return Figure(
        "courier: pending notifications to a provider of 20 ms",
        f"{rate:,.0f} texts/s, {cost:.1f} CPU-s per 1,000",
        f"Celery, prefork of 8, late acks: {CELERY_TEXTS} texts/s, {CELERY_CPU} CPU-s per 1,000",
        f"{rate / CELERY_TEXTS:.1f} times the texts, {cost / CELERY_CPU:.2f} of the CPU",
        "-",
        "one Python process: the HTTP call of each text; attempts and outcomes go by the batch",
    )


async def deliver(system: System, provider_url: str) -> tuple[float, float]:
    """Leave texts pending while the service is down, start it, and watch the provider.

    Gives texts a second, and processor seconds for 1,000 of them.
    """
    async with system.database() as database:
        await _leave_pending(database, system.sealer("notifications"), await know_event(database))
    before = len(await calls(provider_url))
    await asyncio.to_thread(system.start, ["notifications"])
    process = system.processes.running("notifications")
    assert process is not None
    pid = process.pid
    while len(called := await calls(provider_url)) - before < MANY // 10:
        await asyncio.sleep(0.05)
    first, cpu_before = len(called), cpu_seconds(pid)
    began = called[-1][1]
    while len(called := await calls(provider_url)) - before < MANY:
        await asyncio.sleep(0.2)
    cpu = cpu_seconds(pid) - cpu_before
    texts = len(called) - first
    rate, cost = texts / (called[-1][1] - began), cpu / texts * 1000
    await system.stop("notifications")
    return rate, cost


async def calls(provider_url: str) -> list[tuple[str, float]]:
    """Ask the provider which phones it was to text, and when (monotonic seconds)."""
    async with httpx.AsyncClient(trust_env=False) as client:
        lines = (await client.get(provider_url)).text.splitlines()
    return [(phone, float(at)) for phone, _, at in (line.partition(" ") for line in lines)]


async def _leave_pending(database: asyncpg.Connection, sealer: Sealer, event_id: UUID) -> None:
    now = datetime.now(UTC)
    await database.executemany(
        """INSERT INTO notifications.notifications (id, kind, enrolment_id, version, event_id,
            family_id, person_ids, names, channel, address_sealed, address_index,
            language, status, attempts, due_at)
        VALUES ($1, 'confirmation', $2, 1, $3, $4, ARRAY[$5::uuid], ARRAY['Əli Həsənov'], 'sms',
            $6, $7, 'az', 'pending', 0, $8)""",
        [
            (
                new_id(),
                new_id(),
                event_id,
                each.family_id,
                each.person_id,
                seal_address(sealer, each.phone),
                address_index(sealer, each.phone),
                now,
            )
            for each in households(MANY)
        ],
    )
