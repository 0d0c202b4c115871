"""Which Postgres and which RabbitMQ to use: yours, private ones, or containers."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from deploy.bootstrap.accounts import Administrator
from deploy.bootstrap.addresses import amqp, postgres
from deploy.bootstrap.failure import DeployError
from deploy.local.docker import DockerPostgres, DockerRabbitMQ, can_use_docker
from deploy.local.install import find_programs, install_programs, missing_packages
from deploy.local.ports import answers
from deploy.local.postgres import PrivatePostgres
from deploy.local.rabbitmq import PrivateRabbitMQ
from deploy.local.secrets import private_secrets


class Server(Protocol):
    """One server that can be started, stopped and made to crash; starting twice is harmless."""

    @property
    def url(self) -> str:
        """The administrator's URL."""

    def healthy(self) -> bool:
        """Tell whether it runs and serves."""

    def start(self) -> None:
        """Start it unless it runs, and wait until it serves. Raises DeployError."""

    def stop(self) -> bool:
        """Stop it in order; False when it was not running, or is not ours to stop."""

    def crash(self) -> None:
        """Kill it, as a crash would."""

    def restart(self) -> None:
        """Stop and start it at the same address."""


class Broker(Server, Protocol):
    """A RabbitMQ, which has a second address."""

    @property
    def api_url(self) -> str:
        """The management API's URL, with the administrator's name and password."""

    def control(self, *arguments: str) -> str:
        """Run `rabbitmqctl` on it and return what it printed. Raises DeployError when it fails."""


@dataclass(frozen=True)
class OwnServer:
    """A server somebody else runs: only looked at, never started or stopped."""

    name: str
    setting: str
    url: str
    host: str
    port: int
    api_url: str = ""

    def healthy(self) -> bool:
        """Tell whether something accepts connections there."""
        return answers(self.host, self.port, seconds=5)

    def start(self) -> None:
        """Raise DeployError when nothing answers there."""
        if not self.healthy():
            raise DeployError(
                f"no {self.name} answers at {self.host}:{self.port}; see {self.setting}"
            )

    def stop(self) -> bool:
        """Leave it alone."""
        return False

    def crash(self) -> None:
        """Refuse: it is not ours."""
        raise DeployError(f"the {self.name} of {self.setting} is not ours to kill")

    def restart(self) -> None:
        """Refuse: it is not ours."""
        raise DeployError(f"the {self.name} of {self.setting} is not ours to restart")

    def control(self, *arguments: str) -> str:
        """Refuse: it is not ours."""
        raise DeployError(f"the {self.name} of {self.setting} is not ours to {arguments[0]}")


@dataclass(frozen=True)
class Servers:
    """The pair in use, and in a few words which it is."""

    postgres: Server
    rabbitmq: Broker
    kind: str

    @property
    def administrator(self) -> Administrator:
        """The administrator's addresses. Raises DeployError before the first start."""
        return Administrator(self.postgres.url, self.rabbitmq.url, self.rabbitmq.api_url)

    def start(self) -> None:
        """Start what is not running and wait for it. Raises DeployError."""
        self.postgres.start()
        self.rabbitmq.start()

    def stop(self) -> list[str]:
        """Stop what is ours; gives the names of what was running."""
        stopped = {"RabbitMQ": self.rabbitmq.stop(), "Postgres": self.postgres.stop()}
        return [name for name, was_running in stopped.items() if was_running]


def choose_servers(
    root: Path,
    say: Callable[[str], None],
    environment: Mapping[str, str] | None = None,
    durable: bool = True,
) -> Servers:
    """Take your own servers where the environment names them, else private ones under `root`.

    Private ones are Debian's packages, installed if need be, or else containers; which of the
    two is kept for the root folder. Raises DeployError, one line, when neither can be had.
    """
    env = os.environ if environment is None else environment
    own_postgres, own_rabbitmq = _own_postgres(env), _own_rabbitmq(env)
    if own_postgres and own_rabbitmq:
        return Servers(own_postgres, own_rabbitmq, "your own servers")
    private = _private(root, say, durable)
    return replace(
        private,
        postgres=own_postgres or private.postgres,
        rabbitmq=own_rabbitmq or private.rabbitmq,
    )


def private_servers(root: Path, durable: bool = True) -> list[Servers]:
    """Every pair this root folder may have started, for stopping them."""
    secrets = private_secrets(root)
    found = [_containers(root, durable)] if (root / "docker").exists() else []
    programs = find_programs()
    if programs is not None:
        rabbitmq = PrivateRabbitMQ(root, programs.rabbitmq_server, programs.epmd, secrets.rabbitmq)
        server = PrivatePostgres(root, programs.postgres_bin, secrets.postgres, durable)
        found.insert(0, Servers(server, rabbitmq, "private servers"))
    return found


def _private(root: Path, say: Callable[[str], None], durable: bool) -> Servers:
    if (root / "docker").exists() and can_use_docker(say):
        return _containers(root, durable)
    if find_programs() or install_programs(root / "logs" / "install.log", say):
        return private_servers(root, durable)[0]
    if can_use_docker(say):
        return _containers(root, durable)
    raise DeployError(
        f"install Postgres 15 and RabbitMQ 3.10 or later (sudo apt-get install "
        f"{' '.join(missing_packages())}), or Docker, or set QAYIDIS_POSTGRES_URL and "
        "QAYIDIS_AMQP_URL"
    )


def _containers(root: Path, durable: bool) -> Servers:
    secrets = private_secrets(root)
    return Servers(
        DockerPostgres(root, secrets.postgres, durable),
        DockerRabbitMQ(root, secrets.rabbitmq),
        "containers",
    )


def _own_postgres(env: Mapping[str, str]) -> OwnServer | None:
    url = env.get("QAYIDIS_POSTGRES_URL")
    if not url:
        return None
    address = postgres(url)
    return OwnServer("Postgres", "QAYIDIS_POSTGRES_URL", url, address.host, address.port)


def _own_rabbitmq(env: Mapping[str, str]) -> OwnServer | None:
    url = env.get("QAYIDIS_AMQP_URL")
    if not url:
        return None
    address = amqp(url)
    return OwnServer(
        "RabbitMQ", "QAYIDIS_AMQP_URL", url, address.host, address.port, management_url(env)
    )


def management_url(env: Mapping[str, str]) -> str:
    """The management API of your own RabbitMQ: as set, else the AMQP URL's host, port 15672."""
    if env.get("QAYIDIS_RABBITMQ_API_URL"):
        return env["QAYIDIS_RABBITMQ_API_URL"]
    broker = amqp(env["QAYIDIS_AMQP_URL"])
    return replace(broker, scheme="http", port=15672, path="", query="").url
