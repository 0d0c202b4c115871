"""Processes that outlive the command that started them, and are never mistaken for others."""

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.files import write_atomically

_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Program:
    """What to start: its name, command and environment; `user` when not one's own.

    `settings` are the variables that make a difference: when they change, the fingerprint does.
    `address` is where it will listen, for whoever asks later.
    """

    name: str
    command: tuple[str, ...]
    settings: Mapping[str, str] = field(repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    user: str | None = None
    address: str = ""

    @property
    def fingerprint(self) -> str:
        """A hash of the command and of the settings, which cannot be read back."""
        text = json.dumps([self.command, sorted(self.settings.items())])
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Running:
    """A process by its id and the moment it began, so that a recycled id is not mistaken."""

    pid: int
    began: str
    fingerprint: str
    address: str = ""


class Processes:
    """The processes of one root folder: pid files in `run/`, logs in `logs/`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def log(self, name: str) -> Path:
        """Where the process of that name writes."""
        return self._root / "logs" / f"{name}.log"

    def running(self, name: str) -> Running | None:
        """The process of that name when it is alive, whoever started it; else None."""
        try:
            noted = Running(**json.loads(self._file(name).read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None
        return noted if _began(noted.pid) == noted.began else None

    def start(self, program: Program) -> Running:
        """Start it in a session of its own, appending to its log; it outlives the caller.

        Raises DeployError when the command cannot be run. The caller has seen that it is not
        running already.
        """
        log = self.log(program.name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            try:
                process = subprocess.Popen(
                    program.command,
                    env={**program.environment, **program.settings},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    cwd="/" if program.user else None,
                    user=program.user,
                    group=_group_of(program.user),
                    extra_groups=[] if program.user else None,
                )
            except OSError as wrong:
                raise DeployError(
                    f"cannot start {program.name}: {program.command[0]}: {wrong.strerror}"
                ) from wrong
        _children[process.pid] = process
        began = _began(process.pid) or "ended"
        running = Running(process.pid, began, program.fingerprint, program.address)
        write_atomically(self._file(program.name), json.dumps(asdict(running)))
        return running

    def stop(self, name: str, seconds: float = 15, first: signal.Signals = signal.SIGTERM) -> bool:
        """Ask it to end, and kill it when it has not after `seconds`; False when not running."""
        running = self.running(name)
        if running is not None:
            self._signal(running, first)
            if not self._ended(running, seconds):
                self._signal(running, signal.SIGKILL)
                self._ended(running, 5)
        self._file(name).unlink(missing_ok=True)
        return running is not None

    def kill(self, name: str) -> None:
        """End it at once with SIGKILL, as a crash would; the pid file stays behind."""
        running = self.running(name)
        if running is not None:
            self._signal(running, signal.SIGKILL)
            self._ended(running, 5)

    def last_line(self, name: str) -> str:
        """The last line of its log that says something, for a message to a person."""
        log = self.log(name)
        if not log.exists():
            return "no output"
        lines = log.read_bytes()[-8192:].decode(errors="replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "no output")

    def _file(self, name: str) -> Path:
        return self._root / "run" / f"{name}.json"

    def _signal(self, running: Running, number: signal.Signals) -> None:
        if _began(running.pid) == running.began:
            os.kill(running.pid, number)

    def _ended(self, running: Running, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while _began(running.pid) == running.began:
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True


def _began(pid: int) -> str | None:
    """The boot and the clock tick a living process began at; None when there is none."""
    try:
        # The name, in parentheses, may hold blanks; the state is the first field behind it.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    if fields[0] in "ZX":
        if pid in _children:
            _children.pop(pid).wait()
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}:{fields[19]}"


def _group_of(user: str | None) -> int | None:
    if user is None:
        return None
    import pwd  # noqa: PLC0415  not there on every system that only uses Docker

    return pwd.getpwnam(user).pw_gid
