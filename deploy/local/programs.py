"""The three services and the handset: what each is started with, and where it listens."""

import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.bootstrap.accounts import SERVICES
from deploy.local.environment import (
    DEFAULT_PORTS,
    HANDSET,
    Surroundings,
    base_url,
    handset_environment,
    inherited,
    overrides,
    service_environment,
)
from deploy.local.ports import known_ports, remembered_ports
from deploy.local.processes import Processes, Program
from deploy.local.secrets import private_secrets
from deploy.local.servers import Servers

NAMES = (HANDSET, *SERVICES)


def surroundings(root: Path, servers: Servers, env: Mapping[str, str]) -> Surroundings:
    """What the processes of one root folder share. The servers must be running."""
    secrets = private_secrets(root)
    mailboxes = env.get("HANDSET_SMTP_PORT") or str(_smtp_port(root))
    return Surroundings(
        postgres_url=servers.postgres.url,
        amqp_url=servers.rabbitmq.url,
        passwords=secrets.passwords,
        keys_folder=root / "keys",
        sms_url=planned_addresses(env)[HANDSET],
        smtp_url=f"smtp://127.0.0.1:{mailboxes}",
        receipt_secret=env.get("HANDSET_RECEIPT_SECRET") or secrets.receipts,
        notifications_url=planned_addresses(env)["notifications"],
    )


def plan_programs(around: Surroundings, env: Mapping[str, str]) -> dict[str, Program]:
    """Work out every process of the system, the caller's own variables winning.

    Raises DeployError naming a variable that cannot be used.
    """
    addresses = planned_addresses(env)
    computed = {
        HANDSET: handset_environment(around, DEFAULT_PORTS[HANDSET], addresses["notifications"]),
        **{name: service_environment(name, around, DEFAULT_PORTS[name]) for name in SERVICES},
    }
    return {
        name: Program(
            name,
            _command(name),
            settings={**settings, **overrides(name, env)},
            environment=inherited(env),
            address=addresses[name],
        )
        for name, settings in computed.items()
    }


def planned_addresses(env: Mapping[str, str]) -> dict[str, str]:
    """Where each process will listen. Raises DeployError naming a wrong port's variable."""
    return {name: base_url(name, _listening(name, env)) for name in NAMES}


def _listening(name: str, env: Mapping[str, str]) -> dict[str, str]:
    prefix = name.upper()
    defaults = {f"{prefix}_HOST": "127.0.0.1", f"{prefix}_PORT": str(DEFAULT_PORTS[name])}
    return {**defaults, **overrides(name, env)}


def _command(name: str) -> tuple[str, ...]:
    if name == HANDSET:
        return (sys.executable, "-m", "deploy.local.handset")
    return (str(Path(sys.executable).parent / name),)


def _smtp_port(root: Path) -> int:
    file = root / "handset" / "ports.json"
    if Processes(root).running(HANDSET) and known_ports(file):
        return known_ports(file)["smtp"]
    return remembered_ports(file, ("smtp",))["smtp"]
