"""A private Postgres under a folder, on a port of its own."""

import contextlib
import os
import pwd
import signal
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path

from deploy.bootstrap.addresses import Address
from deploy.bootstrap.failure import DeployError
from deploy.local.ports import known_ports, remembered_ports
from deploy.local.processes import Processes, Program
from deploy.local.unprivileged import data_folder, remove_data, server_user
from deploy.local.waiting import wait_until

_NAME = "postgres"
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PrivatePostgres:
    """One Postgres server that belongs to a root folder; its port survives a restart.

    With `durable=False` it may lose data in a power cut: for tests that do not ask about that.
    """

    def __init__(self, root: Path, bin_folder: Path, password: str, durable: bool = True) -> None:
        self._home = root / "postgres"
        self._bin = bin_folder
        self._password = password
        self._durable = durable
        self._processes = Processes(root)

    @property
    def url(self) -> str:
        """The administrator's URL. Raises DeployError before the first start."""
        port = known_ports(self._home / "ports.json").get("postgres")
        if port is None:
            raise DeployError("the private Postgres was never started; run make up")
        return Address("postgresql", "postgres", self._password, "127.0.0.1", port, "postgres").url

    def healthy(self) -> bool:
        """Tell whether it runs and lets clients in."""
        port = known_ports(self._home / "ports.json").get("postgres")
        running = self._processes.running(_NAME) is not None
        return running and port is not None and accepts_clients("127.0.0.1", port)

    def start(self) -> None:
        """Start it, from empty the first time. Raises DeployError naming the log."""
        if self._processes.running(_NAME) is None:
            self._launch()
        if not wait_until(self._settled, seconds=60) or not self.healthy():
            raise DeployError(
                f"Postgres did not start: {self._processes.last_line(_NAME)} "
                f"(log: {self._processes.log(_NAME)})"
            )

    def stop(self) -> bool:
        """Stop it in order (a fast shutdown); False when it was not running."""
        return self._processes.stop(_NAME, seconds=30, first=signal.SIGINT)

    def crash(self) -> None:
        """Kill the server process, as a crash would."""
        self._processes.kill(_NAME)

    def restart(self) -> None:
        """Stop and start it on the same port and data."""
        self.stop()
        self.start()

    def _settled(self) -> bool:
        return self.healthy() or self._processes.running(_NAME) is None

    def _launch(self) -> None:
        user = server_user()
        data = self._initialised(user)
        port = remembered_ports(self._home / "ports.json", ("postgres",))["postgres"]
        settings = [
            *("listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories="),
            *("max_connections=300", "logging_collector=off", "timezone=UTC"),
            *(() if self._durable else _FAST),
        ]
        options = [part for setting in settings for part in ("-c", setting)]
        program = Program(
            name=_NAME,
            command=(str(self._bin / "postgres"), "-D", str(data), *options),
            settings={"LC_MESSAGES": "C"},
            environment={"PATH": os.environ.get("PATH", os.defpath)},
            user=user,
        )
        self._processes.start(program)
        # After a crash the old backends hold the shared memory for a moment; one more try then.
        if not wait_until(self._settled, seconds=5) or self._processes.running(_NAME):
            return
        if "shared memory" in _tail(self._processes.log(_NAME)):
            time.sleep(2)
            self._processes.start(program)

    def _initialised(self, user: str | None) -> Path:
        wanted, finished = self._home / "data", self._home / "initialised"
        if finished.exists() and (wanted / "PG_VERSION").exists():
            self._check_version((wanted / "PG_VERSION").read_text().strip())
            return data_folder(wanted, user)
        remove_data(wanted)  # what an interrupted initdb left is of no use
        data = data_folder(wanted, user)
        self._initdb(data, user)
        finished.touch()
        return data

    def _check_version(self, data: str) -> None:
        answer = subprocess.run(
            [str(self._bin / "postgres"), "--version"], capture_output=True, text=True, check=True
        )
        major = answer.stdout.split()[2].split(".")[0]
        if data != major:
            raise DeployError(
                f"the data in {self._home} are of Postgres {data}, but {major} is installed; "
                f"install postgresql-{data}, or remove {self._home}"
            )

    def _initdb(self, data: Path, user: str | None) -> None:
        with tempfile.NamedTemporaryFile("w", prefix="qayidis-") as secret:
            secret.write(self._password)
            secret.flush()
            if user is not None:
                entry = pwd.getpwnam(user)
                os.chown(secret.name, entry.pw_uid, entry.pw_gid)
            done = subprocess.run(
                [
                    str(self._bin / "initdb"),
                    *("-D", str(data), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"),
                    *("--auth=scram-sha-256", f"--pwfile={secret.name}", "--no-instructions"),
                    *(() if self._durable else ("--no-sync",)),
                ],
                check=False,
                capture_output=True,
                text=True,
                cwd="/",
                user=user,
                group=None if user is None else pwd.getpwnam(user).pw_gid,
                extra_groups=None if user is None else [],
            )
        if done.returncode != 0:
            remove_data(self._home / "data")
            lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
            raise DeployError(f"initdb failed in {data}: {lines[-1]}")


def accepts_clients(host: str, port: int) -> bool:
    """Tell whether a Postgres there would let a client in, as pg_isready does.

    A server that is starting up or recovering answers, but with an error: not yet.
    """
    body = struct.pack("!I", 196608) + b"user\0postgres\0database\0postgres\0\0"
    with contextlib.suppress(OSError), socket.create_connection((host, port), 1) as connection:
        connection.settimeout(2)
        connection.sendall(struct.pack("!I", len(body) + 4) + body)
        return connection.recv(1) == b"R"
    return False


def _tail(log: Path) -> str:
    return log.read_bytes()[-2000:].decode(errors="replace") if log.exists() else ""
