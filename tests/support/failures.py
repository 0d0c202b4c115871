"""What the processes of a system wrote while a test failed."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from deploy.local.processes import Processes

_LINES = 25
_LONGEST = 400


def logs_since(
    processes: Processes, names: Sequence[str], since: float
) -> Iterator[tuple[str, str]]:
    """Give (title, text) of each log's last lines that are newer than `since` or undated."""
    for name in names:
        log = processes.log(name)
        if not log.exists():
            continue
        lines = log.read_bytes()[-200_000:].decode(errors="replace").splitlines()
        recent = [line[:_LONGEST] for line in lines if _when(line) >= since][-_LINES:]
        if recent:
            yield f"{name} ({log})", "\n".join(recent)


def _when(line: str) -> float:
    try:
        return datetime.fromisoformat(json.loads(line)["timestamp"]).timestamp()
    except (ValueError, KeyError, TypeError):
        return float("inf")
