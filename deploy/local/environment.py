"""The environment each process is started with."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from deploy.bootstrap.accounts import SERVICES, Passwords
from deploy.bootstrap.addresses import amqp, postgres
from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.keys import SEALING

HANDSET = "handset"
DEFAULT_PORTS = {"registration": 8001, "events": 8002, "notifications": 8003, HANDSET: 8004}
PREFIXES = tuple(f"{name.upper()}_" for name in DEFAULT_PORTS)


@dataclass(frozen=True)
class Surroundings:
    """What the services of one system share: servers, passwords, keys, where texts leave to.

    `postgres_url` and `amqp_url` are the administrator's; the virtual host is the latter's.
    """

    postgres_url: str = field(repr=False)
    amqp_url: str = field(repr=False)
    passwords: Passwords
    keys_folder: Path
    sms_url: str
    smtp_url: str
    receipt_secret: str = field(repr=False)
    database: str = "qayidis"
    notifications_url: str = ""


def service_environment(
    service: str, around: Surroundings, port: int, host: str = "127.0.0.1"
) -> dict[str, str]:
    """Every variable that `service` needs to run, on that port, in those surroundings."""
    password = around.passwords.of(service)
    prefix = service.upper()
    settings = {
        f"{prefix}_DATABASE_URL": database_url(around, f"{service}_app", password.database),
        f"{prefix}_AMQP_URL": broker_url(around, service, password.amqp),
        f"{prefix}_HOST": host,
        f"{prefix}_PORT": str(port),
        f"{prefix}_TOKEN_KEYS_FILE": str(around.keys_folder.absolute() / "public.jwks"),
    }
    keys = around.keys_folder.absolute()
    if service in SEALING:
        settings[f"{prefix}_SEALING_KEYS_FILE"] = str(keys / f"{service}.seal.json")
    if service == "registration":
        settings |= {
            "REGISTRATION_STAFF_KEY_FILE": str(keys / "staff.jwk"),
            "REGISTRATION_TICKET_KEY_FILE": str(keys / "tickets.jwk"),
        }
        if around.notifications_url:
            consoles = f"notifications={around.notifications_url}"
            settings["REGISTRATION_CONSOLE_SERVICES"] = consoles
    if service == "notifications":
        settings |= {
            "NOTIFICATIONS_SMS_URL": around.sms_url,
            "NOTIFICATIONS_SMS_RECEIPT_SECRET": around.receipt_secret,
            "NOTIFICATIONS_SMTP_URL": around.smtp_url,
        }
    return settings


def handset_environment(around: Surroundings, port: int, notifications_url: str) -> dict[str, str]:
    """Every variable that the handset needs to run, sending receipts to `notifications_url`."""
    return {
        "HANDSET_HOST": "127.0.0.1",
        "HANDSET_PORT": str(port),
        "HANDSET_SMTP_PORT": around.smtp_url.rpartition(":")[2],
        "HANDSET_RECEIPTS_URL": f"{notifications_url}/v1/receipts/handset",
        "HANDSET_RECEIPT_SECRET": around.receipt_secret,
    }


def migrator_urls(around: Surroundings) -> dict[str, str]:
    """The URL of each service's migrator, for `migrate`."""
    return {
        service: database_url(around, f"{service}_migrator", around.passwords.of(service).migrator)
        for service in SERVICES
    }


def database_url(around: Surroundings, role: str, password: str) -> str:
    """The URL of one role on the system's database."""
    address = postgres(around.postgres_url)
    return replace(
        address, scheme="postgresql", user=role, password=password, path=around.database
    ).url


def broker_url(around: Surroundings, user: str, password: str) -> str:
    """The URL of one broker user on the system's virtual host."""
    return replace(amqp(around.amqp_url), user=user, password=password).url


def overrides(name: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The caller's own variables for one process, which win over computed ones."""
    prefix = f"{name.upper()}_"
    return {key: value for key, value in environment.items() if key.startswith(prefix)}


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment without what belongs to a service or an administrator."""
    ours = (*PREFIXES, "QAYIDIS_")
    kept = {key: value for key, value in environment.items() if not key.startswith(ours)}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def port_of(settings: Mapping[str, str], setting: str) -> int:
    """Read a port. Raises DeployError naming the setting when it is none."""
    text = settings[setting]
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise DeployError(f"{setting} must be a port from 1 to 65535, not {text!r}")
    return int(text)


def base_url(name: str, settings: Mapping[str, str]) -> str:
    """Where a process started with `settings` is reached from this machine."""
    prefix = name.upper()
    host = settings[f"{prefix}_HOST"]
    reached = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    if ":" in reached and not reached.startswith("["):
        reached = f"[{reached}]"
    return f"http://{reached}:{port_of(settings, f'{prefix}_PORT')}"
