"""The tables of registration on a real server: up, down and up again, as the code says."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from deploy.bootstrap.accounts import Administrator, Passwords
from deploy.bootstrap.postgres import bootstrap_postgres
from deploy.local.environment import Surroundings, database_url
from shared import migrations
from tests.system import System


async def test_tables_go_up_down_and_up_again(
    administrator: Administrator, passwords: Passwords, alone: System
) -> None:
    name = f"test_tables_{uuid4().hex[:8]}"
    await bootstrap_postgres(administrator.postgres_url, passwords, name)
    around: Surroundings = alone.around
    migrator = database_url(around, "registration_migrator", passwords.registration.migrator)
    url = migrator.replace(around.database, name)
    for step in (
        lambda: migrations.upgrade("registration", url),
        lambda: migrations.check("registration", url),
        lambda: migrations.downgrade("registration", url, "base"),
        lambda: migrations.upgrade("registration", url),
        lambda: migrations.check("registration", url),
    ):
        await asyncio.to_thread(step)
    server = await asyncpg.connect(administrator.postgres_url)
    await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await server.close()


async def test_the_service_cannot_say_at_which_revision_it_is(alone: System) -> None:
    async with alone.database("registration_app") as database:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.execute("DELETE FROM registration.alembic_version")
