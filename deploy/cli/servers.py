"""The one-shot steps before the services start, driven by the environment (for compose)."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace

from deploy.bootstrap.accounts import SERVICES, Administrator, Passwords, ServicePasswords
from deploy.bootstrap.addresses import postgres
from deploy.bootstrap.keys import make_keys
from deploy.cli.failures import missing_lines
from deploy.cli.tokens import keys_from_environment
from deploy.local.servers import management_url

DATABASE = "qayidis"


def bootstrap() -> None:
    """Make keys, database, roles, broker users and queues. May be repeated.

    Reads QAYIDIS_POSTGRES_URL, QAYIDIS_AMQP_URL, QAYIDIS_RABBITMQ_API_URL, QAYIDIS_KEYS_DIR and
    each service's …_DATABASE_PASSWORD, …_MIGRATOR_PASSWORD and …_AMQP_PASSWORD.
    """
    # Imported here and below: these libraries would slow down every other command.
    from deploy.bootstrap.run import bootstrap as run_bootstrap  # noqa: PLC0415

    admin, passwords = read_administrator(os.environ), _read_passwords(os.environ)
    make_keys(keys_from_environment())
    asyncio.run(run_bootstrap(admin, passwords, DATABASE))
    print("keys, database, roles, users and queues are in place")


def migrate() -> None:
    """Bring every service's tables to their newest. May be repeated.

    Reads each service's …_MIGRATOR_DATABASE_URL, or else …_MIGRATOR_PASSWORD and
    QAYIDIS_POSTGRES_URL; QAYIDIS_KEYS_DIR for the keys that seal personal data.
    """
    from deploy.bootstrap.migrate import migrate as run_migrations  # noqa: PLC0415

    changed = run_migrations(read_migrators(os.environ), keys_from_environment())
    print(f"migrated {', '.join(changed)}" if changed else "every table is up to date")


def read_administrator(env: Mapping[str, str]) -> Administrator:
    """Read the servers' addresses. Raises DeployError naming each missing variable."""
    _demand(env, ["QAYIDIS_POSTGRES_URL", "QAYIDIS_AMQP_URL"])
    return Administrator(env["QAYIDIS_POSTGRES_URL"], env["QAYIDIS_AMQP_URL"], management_url(env))


def _read_passwords(env: Mapping[str, str]) -> Passwords:
    kinds = ("DATABASE", "MIGRATOR", "AMQP")
    _demand(env, [f"{name.upper()}_{kind}_PASSWORD" for name in SERVICES for kind in kinds])
    return Passwords(
        **{
            name: ServicePasswords(*(env[f"{name.upper()}_{kind}_PASSWORD"] for kind in kinds))
            for name in SERVICES
        }
    )


def read_migrators(env: Mapping[str, str]) -> dict[str, str]:
    """Read each service's migrator's URL. Raises DeployError naming each missing variable."""
    given = {name: env.get(f"{name.upper()}_MIGRATOR_DATABASE_URL", "") for name in SERVICES}
    others = [name for name, url in given.items() if not url]
    if not others:
        return given
    _demand(
        env, ["QAYIDIS_POSTGRES_URL", *(f"{name.upper()}_MIGRATOR_PASSWORD" for name in others)]
    )
    server = replace(postgres(env["QAYIDIS_POSTGRES_URL"]), scheme="postgresql", path=DATABASE)
    computed = {
        name: replace(
            server, user=f"{name}_migrator", password=env[f"{name.upper()}_MIGRATOR_PASSWORD"]
        ).url
        for name in others
    }
    return {**given, **computed}


def _demand(env: Mapping[str, str], names: list[str]) -> None:
    missing = [name for name in names if not env.get(name)]
    if missing:
        raise missing_lines(missing)
