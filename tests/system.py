"""One whole system for tests: its own database and virtual host, real processes on free ports."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import aio_pika
import asyncpg
import httpx

from deploy.bootstrap.accounts import SERVICES, Administrator, Passwords
from deploy.bootstrap.addresses import amqp, postgres
from deploy.bootstrap.keys import make_keys, ring_file
from deploy.bootstrap.management import management
from deploy.bootstrap.migrate import migrate
from deploy.bootstrap.postgres import bootstrap_postgres
from deploy.bootstrap.rabbitmq import bootstrap_rabbitmq
from deploy.cli.tokens import issue_token
from deploy.local.environment import (
    HANDSET,
    Surroundings,
    broker_url,
    database_url,
    handset_environment,
    inherited,
    migrator_urls,
    service_environment,
)
from deploy.local.ports import free_port
from deploy.local.processes import Processes, Program
from deploy.local.readiness import wait_ready
from shared.sealing import Sealer

NAMES = (HANDSET, *SERVICES)

HASTE = {
    # What people wait minutes for, tests wait fractions of a second for.
    "NOTIFICATIONS_DELIVERY_POLL_SECONDS": "0.2",
    "NOTIFICATIONS_DELIVERY_BACKOFF_FIRST_SECONDS": "0.2",
    "NOTIFICATIONS_SMS_ANSWER_SECONDS": "2",
    "NOTIFICATIONS_DELIVERY_LEASE_SECONDS": "5",
    "REGISTRATION_OFFER_POLL_SECONDS": "0.2",
    "REGISTRATION_IMPORT_POLL_SECONDS": "0.1",
    "REGISTRATION_IMPORT_LEASE_SECONDS": "2",
    "REGISTRATION_IMPORT_ATTEMPTS": "20",
    "HANDSET_RECEIPT_DELAY_SECONDS": "0.05",
    "REGISTRATION_CONSENT_EXPIRY_SECONDS": "0.5",
}

Wrap = Callable[[Program], Program]
"""What a test does to a program before it is started: another command, another environment."""

running: list["System"] = []
"""Every system that runs now, so that a failure can show its logs."""


@dataclass
class System:
    """Three services and a handset, started, killed and asked by name."""

    root: Path
    admin: Administrator
    around: Surroundings
    ports: Mapping[str, int]
    settings: Mapping[str, str]
    wrap: Wrap
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def urls(self) -> dict[str, str]:
        """Base URLs by name."""
        return {name: f"http://127.0.0.1:{port}" for name, port in self.ports.items()}

    def client(self, name: str, *roles: str, seconds: float = 30) -> httpx.AsyncClient:
        """Make a client of one service, with a token of these roles or without one."""
        token = issue_token(roles, keys_folder=self.around.keys_folder) if roles else None
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        client = httpx.AsyncClient(
            base_url=self.urls[name], headers=headers, timeout=seconds, trust_env=False
        )
        self._clients.append(client)
        return client

    @asynccontextmanager
    async def database(self, role: str | None = None) -> AsyncIterator[asyncpg.Connection]:
        """Connect to the system's database, as the administrator or as `<service>_app` …"""
        connection = await asyncpg.connect(self.database_url(role))
        try:
            yield connection
        finally:
            await connection.close()

    def database_url(self, role: str | None = None) -> str:
        """The URL of the system's database for one role, else the administrator."""
        if role is None:
            return replace(postgres(self.admin.postgres_url), path=self.around.database).url
        service, _, kind = role.partition("_")
        known = self.around.passwords.of(service)
        password = known.migrator if kind == "migrator" else known.database
        return database_url(self.around, role, password)

    @asynccontextmanager
    async def broker(self, user: str | None = None) -> AsyncIterator[aio_pika.abc.AbstractChannel]:
        """Open a channel with confirms, as the administrator or as a service's user.

        Without heartbeats: a test that blocks the session's loop for minutes must not cost others
        the connection on which they listen.
        """
        connection = await aio_pika.connect(self.broker_url(user), heartbeat=0)
        async with connection:
            yield await connection.channel(on_return_raises=True)

    def sealer(self, service: str) -> Sealer:
        """Read the keys with which a service seals personal data."""
        return Sealer.from_file(ring_file(self.around.keys_folder, service))

    def broker_url(self, user: str | None = None) -> str:
        """The URL of the system's virtual host for one service's user, else the administrator."""
        if user is None:
            return self.admin.amqp_url
        return broker_url(self.around, user, self.around.passwords.of(user).amqp)

    async def kill9(self, name: str) -> None:
        """Kill one process as a crash would."""
        await asyncio.to_thread(self.processes.kill, name)

    async def stop(self, name: str) -> None:
        """Ask one process to end."""
        await asyncio.to_thread(self.processes.stop, name)

    async def restart(self, name: str) -> None:
        """Start one process again, whether it runs or not, and wait until it is ready."""
        await self.stop(name)
        await asyncio.to_thread(self.start, [name])

    def start(self, names: Sequence[str] = NAMES, seconds: float = 60) -> None:
        """Start these processes at once and wait until every one is ready."""
        for name in names:
            self.launch(name)
        wait_ready(self.processes, {name: self.urls[name] for name in names}, _quiet, seconds)

    def launch(self, name: str) -> None:
        """Start one process and do not wait for it."""
        self.processes.start(self.wrap(self._program(name)))

    @contextmanager
    def twin(self, name: str) -> Iterator[tuple[str, str]]:
        """Run a second process of one service; gives its own name and base URL."""
        other, port = f"{name}-twin", free_port(frozenset(self.ports.values()))
        program = self._program(name)
        settings = {**program.settings, f"{name.upper()}_PORT": str(port)}
        url = f"http://127.0.0.1:{port}"
        self.processes.start(replace(program, name=other, settings=settings))
        try:
            wait_ready(self.processes, {other: url}, _quiet)
            yield other, url
        finally:
            self.processes.stop(other)

    def stop_all(self) -> None:
        """End everything that was started."""
        names = [name for name in self.ports if name != "smtp"]
        with ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(self.processes.stop, names))

    async def close_clients(self) -> None:
        """Close the clients that were made."""
        for client in self._clients:
            await client.aclose()
        self._clients.clear()

    @property
    def processes(self) -> Processes:
        """The processes and their logs."""
        return Processes(self.root)

    def _program(self, name: str) -> Program:
        service, _, _ = name.partition("-")
        if name == HANDSET:
            settings = handset_environment(
                self.around, self.ports[HANDSET], self.urls["notifications"]
            )
            command: tuple[str, ...] = (sys.executable, "-m", "deploy.local.handset")
        else:
            settings = service_environment(service, self.around, self.ports[name])
            command = (str(Path(sys.executable).parent / service),)
        prefix = f"{service.upper()}_"
        ours = {key: text for key, text in self.settings.items() if key.startswith(prefix)}
        return Program(
            name, command, settings={**settings, **ours}, environment=inherited(os.environ)
        )


def unique_name(what: str) -> str:
    """Name a database and virtual host so that no other run on the same servers has it."""
    return f"test_{what}_{uuid4().hex[:8]}"


def make_template(admin: Administrator, passwords: Passwords, name: str, keys: Path) -> None:
    """Make a database with every service's newest tables, for others to be copied from."""
    around = _surroundings(admin, passwords, name, keys, {HANDSET: 1, "smtp": 1})
    asyncio.run(bootstrap_postgres(admin.postgres_url, passwords, name))
    migrate(migrator_urls(around), around.keys_folder)


@contextmanager
def whole_system(
    admin: Administrator,
    passwords: Passwords,
    root: Path,
    name: str,
    *,
    template: str | None = None,
    settings: Mapping[str, str] | None = None,
    started: Sequence[str] = NAMES,
    replicas: Sequence[str] = (),
    wrap: Wrap | None = None,
) -> Iterator[System]:
    """Make a system of that name, which no other on these servers has, and take it away after.

    `settings` are variables for the processes, which win; `started` are those that run at first.
    `replicas` are further processes of services, like `events-2`; `wrap` changes every program.
    """
    own = replace(admin, amqp_url=replace(amqp(admin.amqp_url), path=name).url)
    ports: dict[str, int] = {}
    for each in (*NAMES, *replicas, "smtp"):
        ports[each] = free_port(frozenset(ports.values()))
    around = _surroundings(own, passwords, name, root / "keys", ports)
    system = System(root, own, around, ports, {**HASTE, **(settings or {})}, wrap or _as_it_is)
    make_keys(around.keys_folder)
    try:
        asyncio.run(_bootstrap(system, template))
        migrate(migrator_urls(around), around.keys_folder)
        running.append(system)
        system.start(started)
        yield system
    finally:
        system.stop_all()
        if system in running:
            running.remove(system)
        asyncio.run(_remove(system))


def _surroundings(
    admin: Administrator, passwords: Passwords, name: str, keys: Path, ports: Mapping[str, int]
) -> Surroundings:
    return Surroundings(
        postgres_url=admin.postgres_url,
        amqp_url=admin.amqp_url,
        passwords=passwords,
        keys_folder=keys,
        sms_url=f"http://127.0.0.1:{ports[HANDSET]}",
        smtp_url=f"smtp://127.0.0.1:{ports['smtp']}",
        receipt_secret="only-for-tests",
        database=name,
        notifications_url=f"http://127.0.0.1:{ports.get('notifications', 1)}",
    )


async def _bootstrap(system: System, template: str | None) -> None:
    around = system.around
    await asyncio.gather(
        bootstrap_postgres(
            system.admin.postgres_url, around.passwords, around.database, template=template
        ),
        bootstrap_rabbitmq(system.admin, around.passwords),
    )


async def _remove(system: System) -> None:
    server = await asyncpg.connect(system.admin.postgres_url)
    await server.execute(f'DROP DATABASE IF EXISTS "{system.around.database}" WITH (FORCE)')
    await server.close()
    async with management(system.admin) as api:
        await api.delete("vhosts", api.vhost)


def _as_it_is(program: Program) -> Program:
    return program


def _quiet(_: str) -> None:
    pass
