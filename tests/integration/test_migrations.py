"""Each service's migrations: up from empty, no difference to the code, down and up again."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import asyncpg
import pytest

from deploy.bootstrap import SERVICES
from deploy.bootstrap.accounts import Administrator, Passwords
from deploy.bootstrap.addresses import Address, postgres
from deploy.bootstrap.postgres import bootstrap_postgres
from shared import migrations
from tests.system import unique_name


@pytest.fixture(scope="module")
def empty(administrator: Administrator, passwords: Passwords) -> Iterator[Address]:
    """A database with schemas and roles and not one table."""
    name = unique_name("migrations")
    asyncio.run(bootstrap_postgres(administrator.postgres_url, passwords, name))
    yield replace(postgres(administrator.postgres_url), path=name)
    asyncio.run(_run(administrator.postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_go_up_fit_the_code_go_down_to_nothing_and_up_again(
    empty: Address, passwords: Passwords, service: str
) -> None:
    migrator = replace(
        empty, user=f"{service}_migrator", password=passwords.of(service).migrator
    ).url

    migrations.upgrade(service, migrator)
    migrations.check(service, migrator)
    first = asyncio.run(_made(empty, service))

    migrations.downgrade(service, migrator, "base")
    assert asyncio.run(_made(empty, service)) == {f"table {service}.alembic_version"}

    migrations.upgrade(service, migrator)
    migrations.check(service, migrator)
    assert asyncio.run(_made(empty, service)) == first
    assert not migrations.pending(service, migrator)


async def _made(database: Address, service: str) -> set[str]:
    connection = await asyncpg.connect(database.url)
    rows = await connection.fetch(
        """
        SELECT 'table ' || c.oid::regclass::text FROM pg_class c
        WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'S', 'v')
        UNION ALL
        SELECT 'function ' || p.oid::regprocedure::text FROM pg_proc p
        WHERE p.pronamespace = $1::regnamespace
        UNION ALL
        SELECT 'index ' || c.oid::regclass::text FROM pg_class c
        WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'i'
            AND c.relname <> 'alembic_version_pkc'
        UNION ALL
        SELECT 'type ' || t.typname FROM pg_type t
        WHERE t.typnamespace = $1::regnamespace AND t.typtype = 'e'
        """,
        service,
    )
    await connection.close()
    return {row[0] for row in rows}


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()
