"""Calling an endpoint: as fast as it answers, or at the pace of desks."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from deploy.cli.tokens import issue_token
from tests.bench.figures import percentile
from tests.bench.recording import once
from tests.support.bodies import Body
from tests.system import System

CLIENTS = 8
"""As many calls under way at once when the highest rate is looked for."""


@dataclass(frozen=True)
class Call:
    """One POST to make."""

    url: str
    body: Body


@dataclass(frozen=True)
class Waits:
    """Milliseconds from when each answer was due to be asked for, and what went wrong."""

    milliseconds: Sequence[float]
    errors: int

    def __str__(self) -> str:
        p50, p95 = percentile(self.milliseconds, 50), percentile(self.milliseconds, 95)
        return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, {self.errors} errors"


@asynccontextmanager
async def registrar(system: System) -> AsyncIterator[aiohttp.ClientSession]:
    """Open a client with keep-alive and a registrar's token."""
    token = issue_token(["registrar"], keys_folder=system.around.keys_folder)
    connector = aiohttp.TCPConnector(limit=0)
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as client:
        yield client


async def saturate(client: aiohttp.ClientSession, calls: Sequence[Call]) -> float:
    """Make the calls, always eight at once; gives answers a second. Each must succeed."""
    began = time.perf_counter()
    await answers(client, calls)
    return len(calls) / (time.perf_counter() - began)


async def answers(client: aiohttp.ClientSession, calls: Sequence[Call]) -> list[Body]:
    """Make the calls, always eight at once; gives what was answered, in no certain order."""
    left = iter(calls)
    answered: list[Body] = []

    async def one_client() -> None:
        for call in left:
            async with client.post(call.url, json=call.body, headers=once()) as answer:
                assert answer.status == 201, await answer.text()
                answered.append(await answer.json())

    await asyncio.gather(*(one_client() for _ in range(CLIENTS)))
    return answered


async def at_pace(
    client: aiohttp.ClientSession, calls: Sequence[Call], *, desks: int, every: float
) -> Waits:
    """Let each desk make a call every so many seconds, the desks evenly after one another.

    A desk whose call is late makes the next one late too, and that wait is counted.
    """
    waits: list[float] = []
    errors = 0
    began = time.perf_counter()

    async def one_desk(number: int) -> None:
        nonlocal errors
        for turn, call in enumerate(calls[number::desks]):
            due = began + every * (turn + number / desks)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            async with client.post(call.url, json=call.body, headers=once()) as answer:
                await answer.read()
                errors += answer.status != 201
            waits.append((time.perf_counter() - due) * 1000)

    await asyncio.gather(*(one_desk(number) for number in range(desks)))
    return Waits(waits, errors)


def numbered(url: str, bodies: Sequence[Body], start: int = 0) -> Iterator[Call]:
    """Calls of the bare endpoint, each for what was recorded under its number."""
    for number, body in enumerate(bodies, start=start):
        yield Call(f"{url}/{number}", body)
