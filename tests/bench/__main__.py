"""Measure everything in one run and print the table: `make bench`.

`python -m tests.bench consuming latency` measures a part; `--short` measures little, to see that
all of it runs, and `--against COMMIT` measures that commit as well, in one table.
"""

import asyncio
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvloop

from deploy.local.ports import free_port
from deploy.local.secrets import private_secrets
from deploy.local.servers import Servers
from tests.bench import (
    checking_in,
    consuming,
    dead_lettering,
    delivering,
    enrolling,
    guarding,
    importing,
    latency,
    matching,
    pacing,
    publishing,
    registering,
    rendering,
    searching,
)
from tests.bench.against import compare
from tests.bench.figures import Figure, as_table, machine
from tests.bench.sizes import sized
from tests.support.desk import Desk
from tests.support.servers import durable_servers
from tests.support.waiting import eventually
from tests.system import System, unique_name, whole_system


@dataclass(frozen=True)
class Ground:
    """A system of its own for one measurement, and the provider that its texts go to."""

    system: System
    desk: Desk
    provider_url: str


Measure = Callable[[Ground], Awaitable[Figure | Sequence[Figure]]]

_ON_QUEUES: dict[str, Measure] = {
    # These start what they need themselves.
    "publishing": lambda on: publishing.measure(on.system),
    "consuming": lambda on: consuming.measure(on.system),
    "delivering": lambda on: delivering.measure(on.system, on.provider_url),
    "guards": lambda on: guarding.measure(on.system, on.desk, on.provider_url),
}
_ON_SERVICES: dict[str, Measure] = {
    "registering": lambda on: registering.measure(on.system),
    "enrolling": lambda on: enrolling.measure(on.system, on.desk),
    "checking_in": lambda on: checking_in.measure(on.system, on.desk),
    "pace": lambda on: pacing.measure(on.system, on.desk),
    "latency": lambda on: latency.measure(on.system, on.desk, on.provider_url),
    "matching": lambda on: matching.measure(on.system),
    "search": lambda on: searching.measure(on.system),
    "pages": lambda on: rendering.measure(on.system, on.desk),
    "importing": lambda on: importing.measure(on.system),
    "dead_letters": lambda on: dead_lettering.measure(on.system),
}
_START_SECONDS = 180.0
"""For a machine that is busy with other things as well."""

_LONGEST_SECONDS = sized(3_600, 600)
"""What takes longer waits for something that does not come."""

_ALL = {**_ON_QUEUES, **_ON_SERVICES}


def main() -> None:
    """Measure one after the other on durable private servers, each on empty tables."""
    asked = sys.argv[1:]
    if asked[:1] == ["--against"]:
        _, commit, *rest = asked
        print("\n" + compare(commit, rest))
        return
    asked = [each for each in asked if each != "--short"]
    if unknown := [each for each in asked if each not in _ALL]:
        raise SystemExit(f"{', '.join(unknown)}: no such measurement; there is {', '.join(_ALL)}")
    # Whoever stops this, servers and services are stopped with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print(f"Machine: {machine()}", flush=True)
    figures: list[Figure] = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            root.chmod(0o755)
            with durable_servers(root / "servers") as servers:
                for name in asked or _ALL:
                    print(f"  measuring {name} …", flush=True)
                    measured = _measured(name, servers, root)
                    for row in measured:
                        print(f"    {row.what}: {row.ours}  {row.ratio}", flush=True)
                    figures += measured
    finally:
        # What was measured before something failed is worth keeping.
        print("\n" + as_table(figures))


def _measured(name: str, servers: Servers, root: Path) -> list[Figure]:
    passwords = private_secrets(root / "secrets").passwords
    with (
        _provider() as provider_url,
        whole_system(
            servers.administrator,
            passwords,
            root / name,
            unique_name("bench"),
            settings={"NOTIFICATIONS_SMS_URL": provider_url},
            started=[],
        ) as system,
    ):
        if name in _ON_SERVICES:
            system.start(seconds=_START_SECONDS)
        return uvloop.run(_measure(_ALL[name], system, provider_url))


async def _measure(measure: Measure, system: System, provider_url: str) -> list[Figure]:
    async with asyncio.timeout(_LONGEST_SECONDS):
        measured = await measure(Ground(system, Desk(system), provider_url))
    await system.close_clients()
    return [measured] if isinstance(measured, Figure) else list(measured)


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
