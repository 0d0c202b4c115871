"""Running the yardstick of writes in a process of its own."""

import pickle
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx

from deploy.local.ports import free_port
from tests.bench.statements import Recorded
from tests.system import System

_START_SECONDS = 60.0


@contextmanager
def replaying(system: System, recorded: Sequence[Recorded]) -> Iterator[str]:
    """Run the bare endpoint; `POST <url>/<number>` does what was recorded under that number."""
    port = free_port(frozenset(system.ports.values()))
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.replica"], stdin=subprocess.PIPE)
    try:
        assert process.stdin is not None
        with process.stdin as given:
            pickle.dump((port, system.database_url("registration_app"), list(recorded)), given)
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(url):
            assert process.poll() is None, "the bare endpoint ended"
            assert time.monotonic() < deadline, "the bare endpoint does not answer"
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.HTTPError:
        return False
