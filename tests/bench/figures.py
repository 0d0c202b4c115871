"""One line of the table, and how the table is printed."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """What was measured, ours beside the yardstick, the aim, and what limits it."""

    what: str
    ours: str
    yardstick: str
    ratio: str
    aim: str
    limit: str


def machine() -> str:
    """Name the machine that the figures hold for."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}"


def as_table(figures: Sequence[Figure]) -> str:
    """Lay figures out as a Markdown table."""
    head = "| measured | ours | yardstick | ratio | aim | what limits it |"
    rows = [
        " | ".join(
            ["", *(getattr(each, each_field.name) for each_field in fields(each)), ""]
        ).strip()
        for each in figures
    ]
    return "\n".join([head, "|---|---|---|---|---|---|", *rows])


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return percentile(values, 50)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
