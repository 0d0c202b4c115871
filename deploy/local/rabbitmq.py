"""A private RabbitMQ node under a folder, on ports of its own."""

import hashlib
import os
import subprocess
from pathlib import Path

import httpx

from deploy.bootstrap.addresses import Address
from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.files import write_atomically
from deploy.local.ports import answers, known_ports, remembered_ports
from deploy.local.processes import Processes, Program
from deploy.local.waiting import wait_until

VHOST = "qayidis"
USER = "qayidis"
_NAME = "rabbitmq"
_EPMD = "epmd"
_PORTS = ("amqp", "api", "distribution", "epmd")


class PrivateRabbitMQ:
    """One broker that belongs to a root folder; its ports survive a restart.

    It has its own node name, cookie and name server (epmd), so it meets no other node.
    """

    def __init__(self, root: Path, server: Path, epmd: Path, password: str) -> None:
        self._home = root / "rabbitmq"
        self._server = server
        self._epmd = epmd
        self._password = password
        self._processes = Processes(root)

    @property
    def url(self) -> str:
        """The administrator's AMQP URL. Raises DeployError before the first start."""
        return Address("amqp", USER, self._password, "127.0.0.1", self._port("amqp"), VHOST).url

    @property
    def api_url(self) -> str:
        """The management API's URL, with the administrator's name and password."""
        return Address("http", USER, self._password, "127.0.0.1", self._port("api"), "").url

    def healthy(self) -> bool:
        """Tell whether it runs, takes AMQP connections and its management API answers."""
        if self._processes.running(_NAME) is None:
            return False
        return broker_answers(self._port("amqp"), self._port("api"), self._password)

    def start(self) -> None:
        """Start it, from empty the first time. Raises DeployError naming the log."""
        if self._processes.running(_NAME) is None:
            self._launch()
        if not wait_until(self._settled, seconds=90, every=0.2) or not self.healthy():
            raise DeployError(
                f"RabbitMQ did not start: {self._processes.last_line(_NAME)} "
                f"(log: {self._processes.log(_NAME)})"
            )

    def stop(self) -> bool:
        """Stop it in order, and its name server; False when it was not running."""
        was_running = self._processes.stop(_NAME, seconds=40)
        self._processes.stop(_EPMD, seconds=5)
        return was_running

    def crash(self) -> None:
        """Kill the broker's process, as a crash would."""
        self._processes.kill(_NAME)

    def restart(self) -> None:
        """Stop and start it on the same ports and data."""
        self.stop()
        self.start()

    def control(self, *arguments: str) -> str:
        """Run `rabbitmqctl` on it and return what it printed. Raises DeployError when it fails."""
        ports = known_ports(self._home / "ports.json")
        command = [str(self._server.parent / "rabbitmqctl"), "-q", *arguments]
        done = subprocess.run(
            command, env=self._environment(ports), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
            raise DeployError(f"rabbitmqctl {arguments[0]} failed: {said[0]}")
        return done.stdout

    def _port(self, name: str) -> int:
        port = known_ports(self._home / "ports.json").get(name)
        if port is None:
            raise DeployError("the private RabbitMQ was never started; run make up")
        return port

    def _settled(self) -> bool:
        return self.healthy() or self._processes.running(_NAME) is None

    def _launch(self) -> None:
        self._processes.stop(_EPMD, seconds=5)  # it may remember the node that died
        (self._home / "home").mkdir(parents=True, exist_ok=True)
        ports = remembered_ports(self._home / "ports.json", _PORTS)
        self._write_configuration(ports)
        environment = self._environment(ports)
        self._start(_EPMD, (str(self._epmd), "-port", str(ports["epmd"])), environment)
        if not wait_until(lambda: answers("127.0.0.1", ports["epmd"]), seconds=10):
            raise DeployError(f"epmd did not start (log: {self._processes.log(_EPMD)})")
        self._start(_NAME, (str(self._server),), environment)

    def _start(self, name: str, command: tuple[str, ...], environment: dict[str, str]) -> None:
        self._processes.start(Program(name, command, settings=environment))

    def _write_configuration(self, ports: dict[str, int]) -> None:
        lines = [
            f"listeners.tcp.local = 127.0.0.1:{ports['amqp']}",
            f"management.tcp.port = {ports['api']}",
            "management.tcp.ip = 127.0.0.1",
            f"default_user = {USER}",
            f"default_pass = {self._password}",
            f"default_vhost = {VHOST}",
            "disk_free_limit.absolute = 50MB",
            "log.file.level = info",
        ]
        write_atomically(self._home / "rabbitmq.conf", "\n".join(lines) + "\n")
        write_atomically(self._home / "plugins", "[rabbitmq_management].\n")
        write_atomically(self._home / "env.conf", "")

    def _environment(self, ports: dict[str, int]) -> dict[str, str]:
        home = self._home.absolute()
        node = hashlib.sha256(str(home).encode()).hexdigest()[:10]
        return {
            "PATH": f"{self._epmd.parent}:{os.environ.get('PATH', os.defpath)}",
            "LANG": "C.UTF-8",
            "HOME": str(home / "home"),
            "RABBITMQ_NODENAME": f"qayidis-{node}@localhost",
            "RABBITMQ_DIST_PORT": str(ports["distribution"]),
            "RABBITMQ_MNESIA_BASE": str(home / "data"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "none.config"),
            "RABBITMQ_CONF_ENV_FILE": str(home / "env.conf"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ("-kernel inet_dist_use_interface {127,0,0,1}"),
            # The script then becomes the node itself, so that signals reach it.
            "RUNNING_UNDER_SYSTEMD": "true",
            "ERL_EPMD_PORT": str(ports["epmd"]),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }


def broker_answers(amqp_port: int, api_port: int, password: str) -> bool:
    """Tell whether a broker on this machine takes AMQP connections and its API answers."""
    if not answers("127.0.0.1", amqp_port):
        return False
    try:
        overview = httpx.get(
            f"http://127.0.0.1:{api_port}/api/overview",
            auth=(USER, password),
            timeout=5,
            trust_env=False,
        )
    except httpx.HTTPError:
        return False
    return overview.is_success
