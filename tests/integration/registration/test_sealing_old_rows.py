"""Rows from before the sealing: a migration seals them, and leaves no plain text anywhere."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from deploy.bootstrap.accounts import Administrator, Passwords
from deploy.bootstrap.postgres import bootstrap_postgres
from deploy.local.environment import database_url
from services.registration.families.queries import find_family
from services.registration.families.sealed import fin_index, phone_index, tail_index
from shared import migrations
from shared.contracts.registration import ContactChanged
from shared.database import create_engine, create_sessions
from shared.idempotency import BODY, request_index
from shared.ids import new_id
from shared.messaging.tables import DATA
from shared.sealed_migrations import NoKeysError
from shared.sealing import Sealer
from tests.support.dumps import traces
from tests.support.rings import ring
from tests.system import System, unique_name

SECRETS = ("5ZK21QA", "+994501234567", "leyla.memmedova@example.az", "Nizami küç. 14, m. 3")


@dataclass
class Old:
    """A database as it was at revision 0001."""

    name: str
    url: str
    migrator: str
    sealer: Sealer


@pytest.fixture
async def old(
    administrator: Administrator, passwords: Passwords, alone: System, tmp_path: Path
) -> AsyncIterator[Old]:
    name = unique_name("old")
    await bootstrap_postgres(administrator.postgres_url, passwords, name)
    around = alone.around
    migrator = database_url(around, "registration_migrator", passwords.registration.migrator)
    made = Old(
        name,
        alone.database_url().replace(around.database, name),
        migrator.replace(around.database, name),
        ring(tmp_path / "ring.json"),
    )
    await asyncio.to_thread(migrations.upgrade, "registration", made.migrator, "0001")
    yield made
    server = await asyncpg.connect(administrator.postgres_url)
    await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await server.close()


async def test_old_rows_are_sealed_and_nothing_plain_stays(old: Old) -> None:
    fin, phone, email, address = SECRETS
    family_id, person_id = new_id(), new_id()
    server = await asyncpg.connect(old.url)
    await server.execute(
        "INSERT INTO registration.families (id, version, origin_district, origin_settlement, "
        "residence_district, residence_settlement, residence_address) "
        "VALUES ($1, 1, 'AZ-AGM', 'Novruzlu', 'AZ-BA', 'Binə', $2)",
        family_id,
        address,
    )
    await server.execute(
        "INSERT INTO registration.persons (id, family_id, position, version, given_name, "
        "family_name, name_key, sex, birth_date, fin, phone, email, language, relation) "
        "VALUES ($1, $2, 0, 1, 'Leyla', 'Məmmədova', '', 'female', '1990-01-02', $3, $4, $5, "
        "'az', 'head')",
        person_id,
        family_id,
        fin,
        phone,
        email,
    )
    told = ContactChanged(
        person_id=person_id,
        family_id=family_id,
        given_name="Leyla",
        family_name="Məmmədova",
        phone=SECRETS[1],
        email=SECRETS[2],
        language="az",
        origin_district="AZ-AGM",
        residence_district="AZ-BA",
        may_notify=True,
    )
    await server.execute(
        "INSERT INTO registration.outbox (id, type, exchange, routing_key, expects_route, subject, "
        "subject_version, correlation_id, data) VALUES ($1, $2, $3, $4, true, $5, 1, 'x', $6)",
        new_id(),
        told.type(),
        told.exchange,
        told.routing_key,
        str(person_id),
        told.model_dump_json(),
    )
    answer = json.dumps({"fin": fin, "phone": phone, "address": address}).encode()
    await server.execute(
        "INSERT INTO registration.idempotency_keys (key, request_hash, status, headers, body) "
        "VALUES ('a', $1, 201, '{}', $2)",
        hashlib.sha256(b"the request").digest(),
        answer,
    )
    assert await traces(server, SECRETS) == set(SECRETS)

    with pytest.raises(NoKeysError):
        await asyncio.to_thread(migrations.upgrade, "registration", old.migrator)
    await asyncio.to_thread(migrations.upgrade, "registration", old.migrator, sealer=old.sealer)

    assert await traces(server, SECRETS) == set()
    row = await server.fetchrow("SELECT * FROM registration.persons")
    assert row["fin_index"] == fin_index(old.sealer, fin)
    assert row["phone_index"] == phone_index(old.sealer, phone)
    assert row["phone_tail_index"] == tail_index(old.sealer, "4567")
    engine = create_engine(old.url, service="test", pool_size=1)
    async with create_sessions(engine, {"sealer": old.sealer})() as session:
        family = await find_family(session, family_id)
    await engine.dispose()
    assert family is not None
    member = family.persons[0].member
    assert (member.fin, member.phone, member.email) == (fin, phone, email)
    assert family.residence.address == address

    opened = await server.fetchval("SELECT sealed FROM registration.outbox")
    assert old.sealer.open(opened, DATA) == told.model_dump_json()
    kept = await server.fetchrow("SELECT request_hash, body FROM registration.idempotency_keys")
    assert old.sealer.open_bytes(kept["body"], BODY) == answer
    digest = hashlib.sha256(b"the request").digest()
    assert kept["request_hash"] == request_index(old.sealer, digest)

    await asyncio.to_thread(
        migrations.downgrade, "registration", old.migrator, "0004", sealer=old.sealer
    )
    assert dict(await server.fetchrow("SELECT fin, phone, email FROM registration.persons")) == {
        "fin": fin,
        "phone": phone,
        "email": email,
    }
    assert await server.fetchval("SELECT data FROM registration.outbox") == told.model_dump_json()
    await server.close()
