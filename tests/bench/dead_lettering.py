"""A service and the operator's console while 10,000 dead letters are looked at and replayed."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import aio_pika
import httpx

from tests.bench.figures import Figure, percentile
from tests.bench.ground import cpu_seconds
from tests.bench.sizes import sized
from tests.integration.registration.accounts import Accounts
from tests.integration.registration.test_page_frame import sign_in
from tests.support.dead_letters import CONTACTS, handled, park
from tests.support.desk import answered
from tests.support.injection import message
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System

MANY = sized(10_000, 1_000)
A_SECOND = 20
SECONDS = sized(20, 3)
LOOKS = sized(5, 2)

_AT = "/v1/dead-letters"
_LIMIT = "one Python process reads the queue in pieces and rests as long as it worked"


async def measure(system: System) -> list[Figure]:
    """Ask for notifications at a steady pace: with nothing else, while looking, while replaying."""
    operator = system.client("notifications", "operator", seconds=120)
    made = _messages(MANY)
    more = _messages(LOOKS)
    await _probe(system, asyncio.sleep(1))  # what is warm later is warm for all
    async with _console(system) as pages:
        alone = await _probe(system, asyncio.sleep(SECONDS))
    await park(system, made)
    process = system.processes.running("notifications")
    assert process is not None
    looking = _Timed(process.pid, lambda: _look(system, operator, more))
    looked = await _probe(system, looking.run())
    replaying = _Timed(process.pid, lambda: _replay(operator))
    async with _console(system) as busy_pages:
        replayed = await _probe(system, replaying.run())
    await _all_handled(system, [each.message_id for each in [*made, *more]])
    return [
        _figure(
            f"GET /v1/notifications, {A_SECOND} a second, while {MANY:,} dead letters are grouped",
            looked,
            alone,
            f"; grouped in {looking.seconds / LOOKS:.1f} s, read anew each time, "
            f"{looking.cpu / LOOKS:.1f} CPU-s with the requests",
        ),
        _figure(
            f"the same while {MANY:,} dead letters are replayed and handled",
            replayed,
            alone,
            f"; all back on their queue in {replaying.seconds:.1f} s, each on record, "
            f"{replaying.cpu:.1f} CPU-s with the requests and their handling",
        ),
        _figure(
            f"the operator's page of {MANY:,} dead letters while they are replayed",
            busy_pages,
            pages,
            f", worst {max(busy_pages):.0f} ms",
            "who asks waits 0.3 s for a new look, then sees the last one and its time",
        ),
    ]


@asynccontextmanager
async def _console(system: System) -> AsyncIterator[list[float]]:
    """Load the operator's page again and again; the milliseconds that each took."""
    url = system.urls["registration"]
    waits: list[float] = []
    async with (
        Accounts.of(system) as accounts,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as browser,
    ):
        await sign_in(browser, (await accounts.add("operator")).staff.login)

        async def load() -> None:
            while True:
                began = time.perf_counter()
                page = await browser.get("/dead-letters")
                assert page.status_code == 200
                waits.append((time.perf_counter() - began) * 1000)
                await asyncio.sleep(1)

        loading = asyncio.create_task(load())
        try:
            yield waits
        finally:
            loading.cancel()
        assert not loading.done() or loading.cancelled(), loading


class _Timed:
    """Some work, how many seconds it took, and how much processor time of the service."""

    def __init__(self, pid: int, work: Callable[[], Awaitable[None]]) -> None:
        self._pid = pid
        self._work = work
        self.seconds = 0.0
        self.cpu = 0.0

    async def run(self) -> None:
        """Do it."""
        began, used = time.perf_counter(), cpu_seconds(self._pid)
        await self._work()
        self.seconds = time.perf_counter() - began
        self.cpu = cpu_seconds(self._pid) - used


def _messages(many: int) -> list[aio_pika.Message]:
    return [message(each.contact(), each.person, 1) for each in (Story() for _ in range(many))]


async def _look(
    system: System, operator: httpx.AsyncClient, more: Sequence[aio_pika.Message]
) -> None:
    for number, each in enumerate(more, start=1):
        # With another number of letters the whole queue is read anew.
        await park(system, [each])
        while (groups := await answered(operator.get(f"{_AT}/groups")))["outdated"]:
            await asyncio.sleep(0.1)
        assert groups["depth"] == groups["looked_at"] == MANY + number


async def _replay(operator: httpx.AsyncClient) -> None:
    body = {"queue": CONTACTS, "limit": 1000}
    while (await answered(operator.post(f"{_AT}/replay", json=body)))["left"]:
        pass


async def _probe(system: System, work: Awaitable[None]) -> list[float]:
    """Milliseconds of each answer, counted from when it was due, while some work is done."""
    waits: list[float] = []
    client = system.client("notifications", "auditor", seconds=60)
    task = asyncio.ensure_future(work)
    calls: list[asyncio.Task[None]] = []

    async def one(due: float) -> None:
        answer = await client.get("/v1/notifications")
        assert answer.status_code == 200
        waits.append((time.perf_counter() - due) * 1000)

    while not task.done():
        calls.append(asyncio.create_task(one(time.perf_counter())))
        await asyncio.sleep(1 / A_SECOND)
    await asyncio.gather(task, *calls)
    return waits


async def _all_handled(system: System, ids: Sequence[str | None]) -> None:
    async def look() -> None:
        assert await handled(system, ids) == len(ids)

    await eventually(look, 120)


def _figure(
    what: str, waits: Sequence[float], alone: Sequence[float], more: str, limit: str = _LIMIT
) -> Figure:
    ratio = percentile(waits, 50) / percentile(alone, 50)
    return Figure(
        what,
        f"{_told(waits)}{more}",
        f"with nothing else: {_told(alone)}",
        f"p50 {ratio:.1f} times",
        "-",
        limit,
    )


def _told(waits: Sequence[float]) -> str:
    return f"p50 {percentile(waits, 50):.0f} ms, p95 {percentile(waits, 95):.0f} ms"
