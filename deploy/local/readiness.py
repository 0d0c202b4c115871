"""Waiting until every process says it is ready."""

from collections.abc import Callable, Mapping

import httpx

from deploy.bootstrap.failure import DeployError
from deploy.local.processes import Processes
from deploy.local.waiting import wait_until


def wait_ready(
    processes: Processes,
    addresses: Mapping[str, str],
    say: Callable[[str], None],
    seconds: float = 60,
) -> None:
    """Wait for `/health/ready` of each; tells of each as it comes.

    Raises DeployError naming the one that ended, or did not get ready in time, with its last
    line and its log.
    """
    waiting = dict(addresses)

    def all_ready() -> bool:
        for name, url in list(waiting.items()):
            if is_ready(url):
                del waiting[name]
                say(f"{name} is ready at {url}")
            elif processes.running(name) is None:
                raise DeployError(
                    f"{name} ended at once: {processes.last_line(name)} "
                    f"(log: {processes.log(name)})"
                )
        return not waiting

    if not wait_until(all_ready, seconds, every=0.1):
        name, url = next(iter(waiting.items()))
        raise DeployError(
            f"{name} is not ready after {seconds:.0f} s: {_reasons(url)} "
            f"(log: {processes.log(name)})"
        )


def is_ready(url: str) -> bool:
    """Tell whether the process at that base URL says it is ready."""
    try:
        return httpx.get(f"{url}/health/ready", timeout=3, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _reasons(url: str) -> str:
    try:
        answer = httpx.get(f"{url}/health/ready", timeout=3, trust_env=False)
    except httpx.HTTPError as wrong:
        return f"no answer at {url} ({type(wrong).__name__})"
    return " ".join(answer.text.split())[:300]
