"""The two servers as Docker containers, where packages cannot be had but an engine answers."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.bootstrap.addresses import Address
from deploy.bootstrap.failure import DeployError
from deploy.local.ports import known_ports, remembered_ports
from deploy.local.postgres import accepts_clients
from deploy.local.rabbitmq import USER, VHOST, broker_answers
from deploy.local.waiting import wait_until

POSTGRES_IMAGE = "postgres:17"
RABBITMQ_IMAGE = "rabbitmq:4-management"


def can_use_docker(say: Callable[[str], None]) -> bool:
    """Tell whether an engine answers and both images are there or can be pulled."""
    if shutil.which("docker") is None or not _succeeds("info"):
        return False
    return all(_has(image, say) for image in (POSTGRES_IMAGE, RABBITMQ_IMAGE))


@dataclass(frozen=True)
class Container:
    """One container with its own volume, its ports published on 127.0.0.1 alone."""

    root: Path
    kind: str
    image: str
    volume: str
    ports: Mapping[str, int]
    environment: Mapping[str, str] = field(repr=False)
    options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The container's and the volume's name; it tells one root folder from another."""
        mark = hashlib.sha256(str(self.root.absolute()).encode()).hexdigest()[:10]
        return f"qayidis-{mark}-{self.kind}"

    @property
    def published(self) -> dict[str, int]:
        """The ports on this machine by name; empty before the first start."""
        return known_ports(self._file)

    @property
    def _file(self) -> Path:
        return self.root / "docker" / f"{self.kind}-ports.json"

    def runs(self) -> bool:
        """Tell whether the container runs."""
        answer = _docker("inspect", "-f", "{{.State.Running}}", self.name)
        return answer.returncode == 0 and answer.stdout.strip() == "true"

    def run(self) -> None:
        """Start the container, anew on its old volume. Raises DeployError."""
        _docker("rm", "-f", self.name)
        published = remembered_ports(self._file, tuple(self.ports))
        options = [
            *("--name", self.name, "--hostname", self.kind),
            *("-v", f"{self.name}:{self.volume}"),
            *(each for name in self.environment for each in ("-e", name)),
            *(
                each
                for name, inside in self.ports.items()
                for each in ("-p", f"127.0.0.1:{published[name]}:{inside}")
            ),
        ]
        answer = _docker(
            "run", "-d", *options, self.image, *self.options, environment=self.environment
        )
        if answer.returncode != 0:
            raise DeployError(f"docker cannot start {self.image}: {_last(answer.stderr)}")

    def wait(self, healthy: Callable[[], bool], seconds: float) -> None:
        """Wait until it serves. Raises DeployError with the container's last words."""
        if wait_until(lambda: healthy() or not self.runs(), seconds, every=0.3) and healthy():
            return
        output = _docker("logs", "--tail", "5", self.name)
        raise DeployError(
            f"{self.image} did not start: {_last(output.stdout + output.stderr)} "
            f"(log: docker logs {self.name})"
        )

    def stop(self) -> bool:
        """Stop it in order; its volume stays. False when it was not running."""
        was_running = self.runs()
        if was_running:
            _docker("stop", "-t", "30", self.name)
        _docker("rm", "-f", self.name)
        return was_running

    def crash(self) -> None:
        """Kill it, as a crash would."""
        _docker("kill", self.name)

    def control(self, *command: str) -> str:
        """Run a command in it and return what it printed. Raises DeployError when it fails."""
        done = _docker("exec", self.name, *command)
        if done.returncode != 0:
            raise DeployError(f"{' '.join(command[:2])} failed: {_last(done.stderr)}")
        return done.stdout


class DockerPostgres:
    """Postgres in a container; the same interface as `PrivatePostgres`."""

    def __init__(self, root: Path, password: str, durable: bool = True) -> None:
        fast = ("-c", "fsync=off", "-c", "synchronous_commit=off")
        self._password = password
        self._container = Container(
            root,
            "postgres",
            POSTGRES_IMAGE,
            volume="/var/lib/postgresql/data",
            ports={"postgres": 5432},
            environment={"POSTGRES_PASSWORD": password},
            options=("-c", "max_connections=300", *(() if durable else fast)),
        )

    @property
    def url(self) -> str:
        """The administrator's URL. Raises DeployError before the first start."""
        port = _port(self._container, "postgres")
        return Address("postgresql", "postgres", self._password, "127.0.0.1", port, "postgres").url

    def healthy(self) -> bool:
        """Tell whether it runs and lets clients in."""
        port = self._container.published.get("postgres")
        return port is not None and self._container.runs() and accepts_clients("127.0.0.1", port)

    def start(self) -> None:
        """Start it. Raises DeployError."""
        if not self._container.runs():
            self._container.run()
        self._container.wait(self.healthy, seconds=90)

    def stop(self) -> bool:
        """Stop it in order; False when it was not running."""
        return self._container.stop()

    def crash(self) -> None:
        """Kill it, as a crash would."""
        self._container.crash()

    def restart(self) -> None:
        """Stop and start it on the same port and data."""
        self.stop()
        self.start()


class DockerRabbitMQ:
    """RabbitMQ in a container; the same interface as `PrivateRabbitMQ`."""

    def __init__(self, root: Path, password: str) -> None:
        self._password = password
        self._container = Container(
            root,
            "rabbitmq",
            RABBITMQ_IMAGE,
            volume="/var/lib/rabbitmq",
            ports={"amqp": 5672, "api": 15672},
            environment={
                "RABBITMQ_DEFAULT_USER": USER,
                "RABBITMQ_DEFAULT_PASS": password,
                "RABBITMQ_DEFAULT_VHOST": VHOST,
            },
        )

    @property
    def url(self) -> str:
        """The administrator's AMQP URL. Raises DeployError before the first start."""
        port = _port(self._container, "amqp")
        return Address("amqp", USER, self._password, "127.0.0.1", port, VHOST).url

    @property
    def api_url(self) -> str:
        """The management API's URL, with the administrator's name and password."""
        port = _port(self._container, "api")
        return Address("http", USER, self._password, "127.0.0.1", port, "").url

    def healthy(self) -> bool:
        """Tell whether it runs, takes AMQP connections and its management API answers."""
        ports = self._container.published
        if not ports or not self._container.runs():
            return False
        return broker_answers(ports["amqp"], ports["api"], self._password)

    def start(self) -> None:
        """Start it. Raises DeployError."""
        if not self._container.runs():
            self._container.run()
        self._container.wait(self.healthy, seconds=120)

    def stop(self) -> bool:
        """Stop it in order; False when it was not running."""
        return self._container.stop()

    def crash(self) -> None:
        """Kill it, as a crash would."""
        self._container.crash()

    def restart(self) -> None:
        """Stop and start it on the same ports and data."""
        self.stop()
        self.start()

    def control(self, *arguments: str) -> str:
        """Run `rabbitmqctl` on it and return what it printed. Raises DeployError when it fails."""
        return self._container.control("rabbitmqctl", "-q", *arguments)


def _port(container: Container, name: str) -> int:
    port = container.published.get(name)
    if port is None:
        raise DeployError(f"the {container.kind} container was never started; run make up")
    return port


def _has(image: str, say: Callable[[str], None]) -> bool:
    if _succeeds("image", "inspect", image):
        return True
    say(f"pulling {image}")
    return _succeeds("pull", "-q", image, seconds=300)


def _succeeds(*arguments: str, seconds: float = 20) -> bool:
    try:
        return _docker(*arguments, seconds=seconds).returncode == 0
    except DeployError:
        return False


def _docker(
    *arguments: str, environment: Mapping[str, str] | None = None, seconds: float = 120
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["docker", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
            env={**os.environ, **(environment or {})},
        )
    except subprocess.TimeoutExpired as late:
        raise DeployError(f"docker {arguments[0]} did not answer in {seconds:.0f} s") from late


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no output"
