"""Private servers: they keep their place and data, and leave everyone else alone."""

import asyncio
import ipaddress
import json
import os
import socket
import stat
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import aio_pika
import asyncpg
import pytest

from deploy.bootstrap import Administrator, DeployError, Passwords, ServicePasswords
from deploy.bootstrap.rabbitmq import bootstrap_rabbitmq
from deploy.local.environment import DEFAULT_PORTS
from deploy.local.lock import exclusively
from deploy.local.ports import free_port
from deploy.local.processes import Processes
from deploy.local.servers import Servers, choose_servers, private_servers
from deploy.local.system import down, up, where
from deploy.local.unprivileged import data_folder, remove_data, server_user

PASSWORDS = Passwords(*(ServicePasswords("a", "b", "c") for _ in range(3)))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("local")


@pytest.fixture(scope="module")
def servers(root: Path) -> Iterator[Servers]:
    chosen = choose_servers(root, print, {})
    try:
        chosen.start()
        yield chosen
    finally:
        chosen.stop()
        remove_data(root / "postgres" / "data")


async def write(servers: Servers, text: str) -> None:
    connection = await asyncpg.connect(servers.postgres.url)
    await connection.execute("CREATE TABLE IF NOT EXISTS noted (text text)")
    await connection.execute("INSERT INTO noted VALUES ($1)", text)
    await connection.close()
    async with await aio_pika.connect(servers.rabbitmq.url) as broker:
        channel = await broker.channel()
        await channel.declare_queue("noted", durable=True, arguments={"x-queue-type": "quorum"})
        message = aio_pika.Message(text.encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, "noted")


async def read(servers: Servers) -> tuple[str, str]:
    connection = await asyncpg.connect(servers.postgres.url)
    row = await connection.fetchval("DELETE FROM noted RETURNING text")
    await connection.close()
    async with await aio_pika.connect(servers.rabbitmq.url) as broker:
        channel = await broker.channel()
        queue = await channel.get_queue("noted", ensure=False)
        message = await queue.get(timeout=20)
        assert message is not None
        await message.ack()
    return row, message.body.decode()


async def test_a_restart_keeps_the_addresses_and_everything_written(servers: Servers) -> None:
    before = servers.administrator
    await write(servers, "restart")
    await asyncio.to_thread(servers.postgres.restart)
    await asyncio.to_thread(servers.rabbitmq.restart)
    assert servers.administrator == before
    assert await read(servers) == ("restart", "restart")


async def test_a_crash_keeps_them_too_and_is_seen(servers: Servers) -> None:
    before = servers.administrator
    await write(servers, "crash")
    servers.postgres.crash()
    servers.rabbitmq.crash()
    assert not servers.postgres.healthy()
    assert not servers.rabbitmq.healthy()
    await asyncio.to_thread(servers.start)
    assert servers.administrator == before
    assert await read(servers) == ("crash", "crash")


async def test_starting_what_runs_changes_nothing(servers: Servers, root: Path) -> None:
    if servers.kind == "containers":
        pytest.skip("these servers are containers")
    processes = Processes(root)
    before = [processes.running(name) for name in ("postgres", "rabbitmq", "epmd")]
    assert all(before)
    await asyncio.to_thread(servers.start)
    assert [processes.running(name) for name in ("postgres", "rabbitmq", "epmd")] == before


def test_they_listen_on_this_machine_alone_and_never_on_the_usual_ports(
    servers: Servers, root: Path
) -> None:
    if servers.kind == "containers":
        pytest.skip("these servers are containers")
    ports = {
        port
        for name in ("postgres", "rabbitmq")
        for port in json.loads((root / name / "ports.json").read_text()).values()
    }
    assert len(ports) == 5
    assert not ports & {5432, 5672, 15672, 25672, 4369}
    listening = [(address, port) for address, port in listeners() if port in ports]
    assert {port for _, port in listening} == ports
    assert {address for address, _ in listening} <= {"127.0.0.1", "::1"}


def listeners() -> list[tuple[str, int]]:
    """The address and port of every listening TCP socket (proc_net_tcp(5))."""
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] != "0A":
                continue
            address, port = fields[1].split(":")
            words = struct.unpack(f"<{len(address) // 8}I", bytes.fromhex(address))
            packed = struct.pack(f">{len(words)}I", *words)
            found.append((str(ipaddress.ip_address(packed)), int(port, 16)))
    return found


async def test_fsync_is_on_unless_asked_otherwise(servers: Servers) -> None:
    connection = await asyncpg.connect(servers.postgres.url)
    assert await connection.fetchval("SHOW fsync") == "on"
    assert await connection.fetchval("SHOW synchronous_commit") == "on"
    await connection.close()


def test_passwords_are_not_readable_by_others(servers: Servers, root: Path) -> None:
    secrets = json.loads((root / "secrets.json").read_text())
    hidden = [secrets["postgres"], secrets["rabbitmq"]]
    assert servers.postgres.url.count(hidden[0]) == 1
    for file in root.rglob("*"):
        if not file.is_file() or file.is_symlink():
            continue
        readable = file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)
        if readable:
            content = file.read_bytes()
            assert not any(secret.encode() in content for secret in hidden), file


def test_another_root_has_other_servers_and_stopping_it_leaves_these(
    servers: Servers, tmp_path: Path
) -> None:
    down(tmp_path, say=print)
    for pair in private_servers(tmp_path):
        assert pair.stop() == []
    assert servers.postgres.healthy()
    assert servers.rabbitmq.healthy()


def test_your_own_servers_are_used_and_never_stopped(servers: Servers, tmp_path: Path) -> None:
    env = {
        "QAYIDIS_POSTGRES_URL": servers.postgres.url,
        "QAYIDIS_AMQP_URL": servers.rabbitmq.url,
        "QAYIDIS_RABBITMQ_API_URL": servers.rabbitmq.api_url,
    }
    own = choose_servers(tmp_path, print, env)
    own.start()
    assert own.administrator == servers.administrator
    assert own.stop() == []
    assert servers.postgres.healthy()
    with pytest.raises(DeployError, match="not ours"):
        own.postgres.crash()
    assert list(tmp_path.iterdir()) == []


def test_your_own_server_that_does_not_answer_is_one_clear_line(tmp_path: Path) -> None:
    env = {
        "QAYIDIS_POSTGRES_URL": "postgresql://p:secret@127.0.0.1:1/postgres",
        "QAYIDIS_AMQP_URL": "amqp://p:secret@127.0.0.1:1/",
    }
    with pytest.raises(DeployError) as failure:
        choose_servers(tmp_path, print, env).start()
    assert str(failure.value) == "no Postgres answers at 127.0.0.1:1; see QAYIDIS_POSTGRES_URL"


def test_an_occupied_port_is_one_line_that_names_the_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        free = {f"{name.upper()}_PORT": str(free_port(frozenset())) for name in DEFAULT_PORTS}
        with pytest.raises(DeployError) as failure:
            up(tmp_path, {**free, "EVENTS_PORT": str(port)}, print)
    assert f"port {port} for events is taken" in str(failure.value)
    assert "EVENTS_PORT" in str(failure.value)
    assert not (tmp_path / "postgres").exists()


def test_where_says_so_when_nothing_runs(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="not running; start it with make up"):
        where(tmp_path)


def test_one_up_or_down_at_a_time(tmp_path: Path) -> None:
    said: list[str] = []
    order: list[str] = []

    def second() -> None:
        with exclusively(tmp_path, said.append):
            order.append("second")

    with exclusively(tmp_path, said.append):
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
        order.append("first")
    waiting.join(5)
    assert order == ["first", "second"]
    assert said == ["another up or down is at work here; waiting for it"]
    with exclusively(tmp_path, said.append), pytest.raises(DeployError, match="another up or down"):
        exclusively(tmp_path, said.append, seconds=0.1).__enter__()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give its data to another user")
def test_data_that_the_server_could_not_reach_lie_elsewhere(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    user = server_user()
    place = data_folder(closed / "data", user)
    try:
        assert place.parent == Path("/var/tmp")
        assert place.owner() == user
        assert (closed / "data").resolve() == place
        (place / "kept").touch()
        assert data_folder(closed / "data", user) == place
        assert (place / "kept").exists()
        # A root folder that was deleted starts from empty again.
        (closed / "data").unlink()
        assert not (data_folder(closed / "data", user) / "kept").exists()
    finally:
        remove_data(closed / "data")
    assert not place.exists()
    place.mkdir()
    try:
        with pytest.raises(DeployError, match="is not ours"):
            data_folder(closed / "data", user)
    finally:
        place.rmdir()


@pytest.mark.parametrize("version", ["3.9.13", "3.8.2", "2.8.7"])
async def test_an_old_rabbitmq_is_one_clear_line(version: str) -> None:
    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"rabbitmq_version": version}).encode())

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as api:
        threading.Thread(target=api.serve_forever, daemon=True).start()
        admin = Administrator("", "amqp://u:p@h/", f"http://127.0.0.1:{api.server_port}")
        with pytest.raises(DeployError) as failure:
            await bootstrap_rabbitmq(admin, PASSWORDS)
        api.shutdown()
    assert str(failure.value) == f"this RabbitMQ is {version}; 3.10 or later is needed"
