"""The database, the roles and the Postgres schemas, made by a superuser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from deploy.bootstrap.accounts import SERVICES, Passwords
from deploy.bootstrap.addresses import Address, postgres
from deploy.bootstrap.failure import DeployError

OLDEST = 15
_LOCK = 0x51415949  # one bootstrap at a time: concurrent ALTER ROLE fails with "tuple updated"


async def bootstrap_postgres(
    url: str, passwords: Passwords, database: str, template: str | None = None
) -> None:
    """Make the database and each service's roles and schema, or mend what differs.

    May be repeated; a changed password takes effect. Rights that a migration took from an app
    role stay taken. `template` names a database to copy when `database` is not there yet.
    Raises DeployError for a server older than 15, a missing superuser or no connection.
    """
    address = postgres(url)
    async with _connection(address, address.path or "postgres") as server:
        await _check(server)
        await server.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await _make_roles(server, passwords)
        await _make_database(server, database, template)
        async with _connection(address, database) as inside, inside.transaction():
            await _close_to_public(inside, database)
            for service in SERVICES:
                await _make_schema(inside, service)
                await _limit_roles(inside, service, database)


@asynccontextmanager
async def _connection(address: Address, database: str) -> AsyncIterator[asyncpg.Connection]:
    try:
        connection = await asyncpg.connect(
            host=address.host,
            port=address.port,
            user=address.user or None,
            password=address.password or None,
            database=database,
            timeout=15,
            # A statement that fails is not logged: it may hold a password.
            server_settings={
                "application_name": "qayidis bootstrap",
                "log_min_error_statement": "panic",
            },
        )
    except (OSError, asyncpg.PostgresError, TimeoutError) as wrong:
        reason = str(wrong).splitlines()[0] if str(wrong) else "no answer within 15 s"
        raise DeployError(f"cannot open Postgres at {address.place}: {reason}") from wrong
    try:
        yield connection
    except asyncpg.PostgresError as wrong:
        raise DeployError(f"Postgres at {address.place} refused the bootstrap: {wrong}") from wrong
    finally:
        await connection.close()


async def _check(server: asyncpg.Connection) -> None:
    version = server.get_server_version()
    if version.major < OLDEST:
        raise DeployError(
            f"this Postgres is {version.major}.{version.minor}; {OLDEST} or later is needed"
        )
    if not await server.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        raise DeployError("QAYIDIS_POSTGRES_URL must be a superuser's")


async def _make_roles(server: asyncpg.Connection, passwords: Passwords) -> None:
    for service, password in passwords:
        await _make_role(server, f"{service}_owner", "NOLOGIN")
        await _make_role(server, f"{service}_migrator", "LOGIN", password.migrator)
        await _make_role(server, f"{service}_app", "LOGIN", password.database)
        await _run(server, "GRANT %I TO %I", f"{service}_owner", f"{service}_migrator")


async def _make_role(
    server: asyncpg.Connection, role: str, login: str, password: str | None = None
) -> None:
    if not await server.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
        await _run(server, "CREATE ROLE %I", role)
    rights = f"{login} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    await _run(server, f"ALTER ROLE %I {rights}", role)
    if password is not None:
        await _run(server, "ALTER ROLE %I PASSWORD %L", role, password)


async def _make_database(server: asyncpg.Connection, database: str, template: str | None) -> None:
    if await server.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
        return
    await _run(server, "CREATE DATABASE %I TEMPLATE %I", database, template or "template1")


async def _close_to_public(inside: asyncpg.Connection, database: str) -> None:
    await _run(inside, "REVOKE ALL ON DATABASE %I FROM PUBLIC", database)
    await inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    # Search by spelling needs trigrams, and only a superuser may bring them here.
    await inside.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public")


async def _make_schema(inside: asyncpg.Connection, service: str) -> None:
    owner, app = f"{service}_owner", f"{service}_app"
    await _run(inside, "CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I", service, owner)
    await _run(inside, "ALTER SCHEMA %I OWNER TO %I", service, owner)
    await _run(inside, "REVOKE ALL ON SCHEMA %I FROM PUBLIC", service)
    await _run(inside, "GRANT USAGE ON SCHEMA %I TO %I", service, app)
    defaults = "ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT"
    await _run(
        inside,
        f"{defaults} SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I",
        *(owner, service, app),
    )
    await _run(inside, f"{defaults} USAGE, SELECT ON SEQUENCES TO %I", owner, service, app)


async def _limit_roles(inside: asyncpg.Connection, service: str, database: str) -> None:
    owner, migrator, app = (f"{service}_{role}" for role in ("owner", "migrator", "app"))
    for role in (owner, migrator, app):
        await _run(inside, "GRANT USAGE ON SCHEMA public TO %I", role)
    for role in (migrator, app):
        await _run(inside, "GRANT CONNECT ON DATABASE %I TO %I", database, role)
    settings = "ALTER ROLE %I IN DATABASE %I SET"
    await _run(inside, f"{settings} role = %L", migrator, database, owner)
    await _run(inside, f"{settings} search_path = %I, public", app, database, service)


async def _run(connection: asyncpg.Connection, statement: str, *names: str) -> None:
    """Run a statement that takes no parameters, its names and literals quoted by the server."""
    places = ", ".join(f"${number}::text" for number in range(2, len(names) + 2))
    quoted = await connection.fetchval(f"SELECT format($1, {places})", statement, *names)
    await connection.execute(quoted)
