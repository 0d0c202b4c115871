"""Clocks that jump: every process of ours runs under libfaketime, which reads its error of a file.

The monotonic clock is left alone, as a jump of the wall clock leaves it.
"""

import os
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

from deploy.local.processes import Program

_INSTALL = "apt-get update -q && apt-get install -y -q --no-install-recommends libfaketime"


class Clocks:
    """The wall clock of each process, by its name."""

    def __init__(self, folder: Path, library: Path) -> None:
        self._folder = folder
        self._library = library
        folder.mkdir(parents=True, exist_ok=True)

    def wrap(self, program: Program) -> Program:
        """Let a program read its clock of a file."""
        self.set(program.name, 0)
        environment = {
            **program.environment,
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file(program.name)),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # With its fix every wait of a thread is woken again and again: six times the work.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        }
        return replace(program, environment=environment)

    def set(self, name: str, seconds: int) -> None:
        """Let a process's wall clock be wrong by so many seconds, within a second."""
        new = self._file(name).with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.replace(self._file(name))

    def _file(self, name: str) -> Path:
        return self._folder / name


@cache
def find_library() -> Path | None:
    """Give the path of libfaketime; installs Debian's by apt as root, None where that fails."""
    return _found() or (_found() if _install() else None)


def _found() -> Path | None:
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


def _install() -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        ["sh", "-c", _INSTALL],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0
