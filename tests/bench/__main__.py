"""Measure everything in one run and print the table: `make bench`.

`python -m tests.bench consuming latency` measures a part.
"""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvloop

from deploy.local.ports import free_port
from deploy.local.secrets import private_secrets
from tests.bench import (
    consuming,
    delivering,
    enrolling,
    latency,
    matching,
    publishing,
    rendering,
    searching,
)
from tests.bench.figures import Figure, as_table, machine
from tests.support.desk import Desk
from tests.support.servers import durable_servers
from tests.support.waiting import eventually
from tests.system import System, unique_name, whole_system


def main() -> None:
    """Run on durable private servers of its own, one measurement after the other."""
    print(f"Machine: {machine()}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        with durable_servers(root / "servers") as servers, _provider() as provider_url:
            passwords = private_secrets(root / "secrets").passwords
            settings = {"NOTIFICATIONS_SMS_URL": provider_url}
            with whole_system(
                servers.administrator,
                passwords,
                root / "system",
                unique_name("bench"),
                settings=settings,
                started=[],
            ) as system:
                figures = uvloop.run(_measure(system, provider_url))
    print("\n" + as_table(figures))


async def _measure(system: System, provider_url: str) -> list[Figure]:
    figures = []

    async def note(name: str, measure: Callable[[], Awaitable[Figure]]) -> None:
        if sys.argv[1:] and name not in sys.argv[1:]:
            return
        print(f"  measuring {name} …", flush=True)
        figures.append(await measure())
        print(f"    {figures[-1].ours}  {figures[-1].ratio}", flush=True)

    await note("publishing", lambda: publishing.measure(system))
    await note("consuming", lambda: consuming.measure(system))
    await note("delivering", lambda: delivering.measure(system, provider_url))
    await asyncio.to_thread(system.start)
    desk = Desk(system)
    await note("enrolling", lambda: enrolling.measure(system, desk))
    await note("latency", lambda: latency.measure(system, desk, provider_url))
    await note("matching", lambda: matching.measure(system))
    await note("search", lambda: searching.measure(system))
    await note("pages", lambda: rendering.measure(system, desk))
    await system.close_clients()
    return figures


@contextmanager
def _provider() -> Iterator[str]:
    port = free_port(frozenset())
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.provider", str(port)])
    url = f"http://127.0.0.1:{port}"

    async def look() -> None:
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                await client.get(url)
        except httpx.ConnectError as failure:
            raise AssertionError from failure

    try:
        asyncio.run(eventually(look))
        yield url
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
