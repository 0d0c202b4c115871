"""Phones and mailboxes from before the sealing: a migration seals them, nothing plain stays."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from deploy.bootstrap.accounts import Administrator, Passwords
from deploy.bootstrap.postgres import bootstrap_postgres
from deploy.local.environment import database_url
from services.notifications.contacts.sealed import address_index, open_address
from shared import migrations
from shared.ids import new_id
from shared.sealed_migrations import NoKeysError
from tests.support.dumps import traces
from tests.support.rings import ring
from tests.system import System, unique_name

PHONE, EMAIL = "+994509876543", "leyla.memmedova@example.az"


async def test_old_rows_are_sealed_and_nothing_plain_stays(
    administrator: Administrator, passwords: Passwords, system: System, tmp_path: Path
) -> None:
    name = unique_name("old")
    await bootstrap_postgres(administrator.postgres_url, passwords, name)
    own = system.around.database
    url = system.database_url().replace(own, name)
    migrator = database_url(
        system.around, "notifications_migrator", passwords.notifications.migrator
    ).replace(own, name)
    sealer = ring(tmp_path / "ring.json")
    await asyncio.to_thread(migrations.upgrade, "notifications", migrator, "0001")
    server = await asyncpg.connect(url)
    await server.execute(
        "INSERT INTO notifications.contacts (person_id, version, known_since, erased, phone, "
        "email, may_notify, unreachable_version) VALUES ($1, 1, now(), false, $2, $3, true, 0), "
        "($4, 1, now(), false, NULL, $3, true, 0), ($5, 1, now(), true, NULL, NULL, false, 0)",
        *(new_id(), PHONE, EMAIL, new_id(), new_id()),
    )
    for channel, address in (("sms", PHONE), ("email", EMAIL)):
        await server.execute(
            "INSERT INTO notifications.notifications (id, kind, version, event_id, family_id, "
            "person_ids, names, channel, address, language, status, attempts, due_at) "
            "VALUES ($1, 'invitation', 1, $1, $1, '{}', '{}', $2, $3, 'az', 'sent', 1, now())",
            *(new_id(), channel, address),
        )
    secrets = {PHONE, EMAIL}
    assert await traces(server, secrets) == secrets

    with pytest.raises(NoKeysError):
        await asyncio.to_thread(migrations.upgrade, "notifications", migrator)
    await asyncio.to_thread(migrations.upgrade, "notifications", migrator, sealer=sealer)

    assert await traces(server, secrets) == set()
    rows = await server.fetch("SELECT * FROM notifications.notifications ORDER BY channel DESC")
    assert [open_address(sealer, row["address_sealed"]) for row in rows] == [PHONE, EMAIL]
    indexes = [address_index(sealer, address) for address in (PHONE, EMAIL)]
    assert [row["address_index"] for row in rows] == indexes
    contacts = await server.fetch("SELECT * FROM notifications.contacts ORDER BY person_id")
    assert [row["address_index"] for row in contacts] == [*indexes, None]
    assert open_address(sealer, contacts[0]["email_sealed"]) == EMAIL

    await asyncio.to_thread(migrations.downgrade, "notifications", migrator, "0001", sealer=sealer)
    kept = await server.fetch("SELECT phone, email FROM notifications.contacts ORDER BY person_id")
    assert [tuple(row) for row in kept] == [(PHONE, EMAIL), (None, EMAIL), (None, None)]
    await server.close()
    server = await asyncpg.connect(administrator.postgres_url)
    await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await server.close()
