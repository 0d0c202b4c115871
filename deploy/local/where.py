"""Where the running system is to be found, kept for whoever asks later."""

import json
from pathlib import Path
from typing import TypedDict, cast

from deploy.bootstrap.accounts import Administrator
from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.files import write_atomically

LOCAL = Path(__file__).resolve().parents[2] / ".local"


class Where(TypedDict):
    """Base URLs of the services and the handset, and the administrator's URLs of the servers."""

    registration: str
    events: str
    notifications: str
    handset: str
    smtp: str
    postgres: str
    amqp: str
    rabbitmq_api: str


def note_where(root: Path, where: Where) -> None:
    """Keep the addresses; mode 0600, since the administrator's passwords are among them."""
    write_atomically(root / "where.json", json.dumps(where, indent=1))


def noted_where(root: Path) -> Where:
    """Read the addresses kept last. Raises DeployError when there are none."""
    try:
        known = json.loads((root / "where.json").read_text(encoding="utf-8"))
        return cast(Where, {name: str(known[name]) for name in Where.__annotations__})
    except FileNotFoundError as missing:
        raise DeployError("the system is not running; start it with make up") from missing
    except (ValueError, KeyError, TypeError) as wrong:
        raise DeployError(f"{root / 'where.json'} is damaged; run make up again") from wrong


def administrator(where: Where) -> Administrator:
    """The administrator's addresses of the running system."""
    return Administrator(where["postgres"], where["amqp"], where["rabbitmq_api"])
