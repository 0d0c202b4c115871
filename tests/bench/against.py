"""The same measurements of another commit and of this one, in one table."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

Row = tuple[str, str]
"""What was measured, and its ratio to the yardstick."""


def compare(commit: str, asked: Sequence[str]) -> str:
    """Measure a commit and then this working copy, each by its own `make bench`, as a table.

    Raises:
        subprocess.CalledProcessError: there is no such commit, or one of both failed.
    """
    with _checked_out(commit) as there:
        before = _measured(there, asked)
    now = _measured(Path.cwd(), asked)
    head = f"| measured | {commit[:12]} | ratio | this | ratio |"
    return "\n".join([head, "|---|---|---|---|---|", *_lines(before, now)])


@contextmanager
def _checked_out(commit: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder) / "before"
        subprocess.run(["git", "worktree", "add", "-q", "--detach", there, commit], check=True)
        try:
            yield there
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", there], check=False)


def _measured(where: Path, asked: Sequence[str]) -> dict[str, Row]:
    # What this make was told must not reach that one.
    around = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "--silent", "bench", f"ARGS={' '.join(asked)}"]
    rows: dict[str, Row] = {}
    with subprocess.Popen(
        command, cwd=where, env=around, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            sys.stdout.write(line)
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if line.startswith("| ") and cells[0] != "measured":
                rows[cells[0]] = (cells[1], cells[3])
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command)
    return rows


def _lines(before: Mapping[str, Row], now: Mapping[str, Row]) -> Iterator[str]:
    nothing = ("-", "-")
    for what in dict.fromkeys([*before, *now]):
        yield f"| {' | '.join((what, *before.get(what, nothing), *now.get(what, nothing)))} |"
