"""From the answer to an enrolment until the provider is called, at 50 enrolments a second."""

import asyncio
import time

import aiohttp

from deploy.cli.tokens import issue_token
from tests.bench.delivering import calls
from tests.bench.figures import Figure, percentile
from tests.bench.sizes import sized
from tests.support.bodies import Body, event, family, person, place
from tests.support.desk import Desk
from tests.system import System

A_SECOND = sized(50, 10)
SECONDS = sized(20, 3)


async def measure(system: System, desk: Desk, provider_url: str) -> Figure:
    """Enrol at a steady pace, whatever the answers take, and compare the clocks afterwards."""
    at = place()
    families = [await desk.register(family(at, person())) for _ in range(A_SECOND * SECONDS)]
    elsewhere = event(place(), capacity=5000)
    published = await desk.publish(elsewhere)
    await asyncio.sleep(1)
    answered = await _enrol(system, published["id"], families)
    await asyncio.sleep(2)
    called = dict(await calls(provider_url))
    waits = [(called[phone] - at_) * 1000 for phone, at_ in answered.items() if phone in called]
    waits = [max(0.0, wait) for wait in waits]
    missing = len(answered) - len(waits)
    return Figure(
        f"enrolment answered to provider called, {A_SECOND} a second",
        f"p50 {percentile(waits, 50):.0f} ms, p99 {percentile(waits, 99):.0f} ms"
        + (f", {missing} not called" if missing else ""),
        "-",
        "-",
        "25 ms, 100 ms",
        "four commits, each waiting for the disk, and one quorum queue; all share these cores",
    )


async def _enrol(system: System, event_id: str, families: list[Body]) -> dict[str, float]:
    token = issue_token(["registrar"], keys_folder=system.around.keys_folder)
    url = f"{system.urls['registration']}/v1/enrolments"
    answered: dict[str, float] = {}
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as client:

        async def one(body: Body) -> None:
            enrolment = {"event_id": event_id, "family_id": body["id"]}
            async with client.post(url, json=enrolment) as answer:
                assert answer.status == 201, await answer.text()
                answered[body["members"][0]["phone"]] = time.monotonic()

        tasks = []
        for body in families:
            tasks.append(asyncio.create_task(one(body)))
            await asyncio.sleep(1 / A_SECOND)
        await asyncio.gather(*tasks)
    return answered
