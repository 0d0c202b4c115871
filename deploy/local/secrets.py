"""The private system's own passwords, made once."""

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from deploy.bootstrap.accounts import SERVICES, Passwords, ServicePasswords
from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.files import write_atomically


@dataclass(frozen=True)
class Secrets:
    """Everything of a private system that must not be guessed."""

    postgres: str = field(repr=False)
    rabbitmq: str = field(repr=False)
    receipts: str = field(repr=False)
    passwords: Passwords


def private_secrets(root: Path) -> Secrets:
    """Read `secrets.json` (mode 0600) of a root folder; make it the first time.

    Raises DeployError when the file is damaged.
    """
    file = root / "secrets.json"
    if not file.exists():
        write_atomically(file, json.dumps(_new(), indent=1))
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        services = {service: ServicePasswords(**known["services"][service]) for service in SERVICES}
        return Secrets(
            postgres=known["postgres"],
            rabbitmq=known["rabbitmq"],
            receipts=known["receipts"],
            passwords=Passwords(**services),
        )
    except (ValueError, KeyError, TypeError) as wrong:
        raise DeployError(
            f"{file} is damaged; run make down, then remove {root} to start from empty"
        ) from wrong


def _new() -> dict[str, object]:
    kinds = ("database", "migrator", "amqp")
    return {
        "postgres": _secret(),
        "rabbitmq": _secret(),
        "receipts": _secret(),
        "services": {service: {kind: _secret() for kind in kinds} for service in SERVICES},
    }


def _secret() -> str:
    return secrets.token_urlsafe(24)
