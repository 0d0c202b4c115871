"""The whole system on one machine: up, down and where."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from deploy.bootstrap.accounts import SERVICES
from deploy.bootstrap.addresses import http, postgres
from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.keys import make_keys
from deploy.local.environment import HANDSET, Surroundings, migrator_urls
from deploy.local.lock import exclusively
from deploy.local.ports import is_free
from deploy.local.processes import Processes, Program
from deploy.local.programs import NAMES, plan_programs, planned_addresses, surroundings
from deploy.local.readiness import wait_ready
from deploy.local.servers import Servers, choose_servers, private_servers
from deploy.local.where import LOCAL, Where, note_where, noted_where

Say = Callable[[str], None]


def progress() -> Say:
    """Make a printer of lines that start with the seconds gone by."""
    began = time.monotonic()
    return lambda line: print(f"{time.monotonic() - began:6.1f} s  {line}", flush=True)


def up(root: Path = LOCAL, env: Mapping[str, str] | None = None, say: Say | None = None) -> Where:
    """Start all that is not running, or runs with other settings, and wait until it is ready.

    May be repeated, also by two at once. Not to be called inside a running event loop.
    Raises DeployError with one line that names what is in the way.
    """
    environment = dict(os.environ) if env is None else dict(env)
    tell = say or progress()
    addresses = planned_addresses(environment)
    with exclusively(root, tell):
        _check_ports(root, addresses)
        servers = choose_servers(root, tell, environment)
        servers.start()
        tell(f"Postgres and RabbitMQ run ({servers.kind})")
        around = surroundings(root, servers, environment)
        _prepare(servers, around, tell)
        _start_all(root, plan_programs(around, environment))
        where = _where(servers, around, addresses)
        note_where(root, where)
        wait_ready(Processes(root), addresses, tell)
    return where


def down(root: Path = LOCAL, say: Say | None = None) -> None:
    """Stop what `up` started under that root folder and nothing else; what waits is kept.

    First the services at once, then the handset, RabbitMQ and Postgres.
    """
    tell = say or progress()
    if not root.exists():
        tell("nothing was running")
        return
    with exclusively(root, tell):
        processes = Processes(root)
        with ThreadPoolExecutor(len(SERVICES)) as pool:
            stopped = [*zip(SERVICES, pool.map(processes.stop, SERVICES), strict=True)]
        stopped.append((HANDSET, processes.stop(HANDSET)))
        names = [name for name, was_running in stopped if was_running]
        if names:
            tell(f"stopped {', '.join(names)}")
        servers = [name for pair in _started_servers(root) for name in pair.stop()]
        if servers:
            tell(f"stopped {' and '.join(servers)}")
        (root / "where.json").unlink(missing_ok=True)
        if not names and not servers:
            tell("nothing was running")


def where(root: Path = LOCAL) -> Where:
    """Tell where the running system is. Raises DeployError when none of it runs."""
    known = noted_where(root)
    processes = Processes(root)
    if not any(processes.running(name) for name in NAMES):
        raise DeployError("the system is not running; start it with make up")
    return known


def _check_ports(root: Path, addresses: Mapping[str, str]) -> None:
    processes = Processes(root)
    wanted: dict[int, str] = {}
    for name, url in addresses.items():
        address = http(url)
        other = wanted.setdefault(address.port, name)
        if other != name:
            raise DeployError(
                f"port {address.port} is wanted by {other} and {name}; set {name.upper()}_PORT"
            )
        running = processes.running(name)
        if running is not None and running.address == url:
            continue
        if not is_free(address.port, address.host):
            raise DeployError(
                f"port {address.port} for {name} is taken by another program; "
                f"stop it, or set {name.upper()}_PORT to a free port"
            )


def _prepare(servers: Servers, around: Surroundings, tell: Say) -> None:
    # Imported here: Alembic and the broker's client would slow down every other command.
    from deploy.bootstrap.migrate import migrate  # noqa: PLC0415
    from deploy.bootstrap.run import bootstrap  # noqa: PLC0415

    make_keys(around.keys_folder)
    asyncio.run(bootstrap(servers.administrator, around.passwords, around.database))
    tell("database, roles, users and queues are in place")
    migrated = migrate(migrator_urls(around), around.keys_folder)
    if migrated:
        tell(f"tables are new or changed: {', '.join(migrated)}")


def _start_all(root: Path, programs: Mapping[str, Program]) -> None:
    processes = Processes(root)
    for name, program in programs.items():
        running = processes.running(name)
        if running is not None and running.fingerprint == program.fingerprint:
            continue
        if running is not None:
            processes.stop(name)
        processes.start(program)


def _where(servers: Servers, around: Surroundings, addresses: Mapping[str, str]) -> Where:
    return Where(
        registration=addresses["registration"],
        events=addresses["events"],
        notifications=addresses["notifications"],
        handset=addresses[HANDSET],
        smtp=around.smtp_url,
        postgres=replace(postgres(servers.postgres.url), path=around.database).url,
        amqp=servers.rabbitmq.url,
        rabbitmq_api=servers.rabbitmq.api_url,
    )


def _started_servers(root: Path) -> list[Servers]:
    return private_servers(root) if (root / "secrets.json").exists() else []
