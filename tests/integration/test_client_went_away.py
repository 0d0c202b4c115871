"""A client that hangs up in the middle of its request is no failure of ours."""

import asyncio

from httpx import AsyncClient

from tests.support.waiting import eventually
from tests.system import System

_ROUTE = 'method="POST",route="/v1/receipts/{provider}"'


async def test_who_hangs_up_before_the_body_came_is_not_counted_as_a_5xx(system: System) -> None:
    notifications = system.client("notifications")
    before = await answers(notifications)

    _, writer = await asyncio.open_connection("127.0.0.1", system.ports["notifications"])
    head = "POST /v1/receipts/handset HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    writer.write(head.encode() + b"{")
    await writer.drain()
    await asyncio.sleep(0.3)
    writer.close()

    async def look() -> None:
        after = await answers(notifications)
        assert after.get("499", 0) == before.get("499", 0) + 1, after
        assert after.get("500", 0) == before.get("500", 0), after

    await eventually(look)


async def answers(client: AsyncClient) -> dict[str, float]:
    """How often receipts were answered with each status."""
    counts = {}
    for line in (await client.get("/metrics")).text.splitlines():
        if line.startswith("qayidis_http_request_duration_seconds_count") and _ROUTE in line:
            labels, _, many = line.rpartition(" ")
            counts[labels.split('status="')[1][:3]] = float(many)
    return counts
