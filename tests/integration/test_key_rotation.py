"""Keys rotate while the system runs: rotate, reseal, retire, and nobody notices."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.bootstrap.accounts import SERVICES, Administrator, Passwords
from deploy.bootstrap.keys import SEALING
from deploy.keys import resealing
from deploy.keys.resealing import needed_keys, reseal, reseal_all, sealed_tables
from services.registration.families.sealed import phone_index
from services.registration.families.tables import PERSONS
from shared.database import create_engine
from shared.sealing import Sealer, with_new_key, without_keys
from tests.support.bodies import Body, event, household, place
from tests.support.desk import Desk
from tests.support.rings import ring
from tests.support.waiting import eventually
from tests.system import System, unique_name, whole_system


@pytest.fixture(scope="module")
def rotated(
    administrator: Administrator,
    passwords: Passwords,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    """A system of its own, whose keys these tests rotate."""
    root, name = tmp_path_factory.mktemp("rotated"), unique_name("rotated")
    haste = {"NOTIFICATIONS_DELIVERY_BACKOFF_LAST_SECONDS": "1"}
    with whole_system(
        administrator, passwords, root, name, template=template, settings=haste
    ) as system:
        yield system


@pytest.fixture
async def engine(rotated: System) -> AsyncIterator[AsyncEngine]:
    made = create_engine(rotated.database_url("registration_migrator"), service="t", pool_size=5)
    yield made
    await made.dispose()


async def qayidis_keys(system: System, action: str) -> str:
    """Run `qayidis keys …` as the operator does."""
    urls = {
        f"{name.upper()}_MIGRATOR_DATABASE_URL": system.database_url(f"{name}_migrator")
        for name in SERVICES
    }
    folder = str(system.around.keys_folder)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli", "keys", action),
        env={**os.environ, **urls, "QAYIDIS_KEYS_DIR": folder},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, said.decode()
    return said.decode()


async def test_keys_rotate_under_load_and_old_ones_go_when_nothing_needs_them(
    rotated: System,
) -> None:
    desk, at = Desk(rotated), place()
    stop = asyncio.Event()
    families: list[Body] = [await desk.register(household(at, 3))]
    seminar = await desk.publish(event(at))
    await desk.received(families[0]["members"][0]["phone"], 1)

    async def register_for_ever() -> None:
        while not stop.is_set():
            families.append(await desk.register(household(at, 2)))
            await asyncio.sleep(0.05)

    load = [asyncio.create_task(register_for_ever()) for _ in range(2)]
    said = await qayidis_keys(rotated, "rotate")
    assert said.splitlines() == [f"{name}: key 2 seals from now on" for name in SEALING]
    assert "still needed" in await qayidis_keys(rotated, "retire")
    said = await qayidis_keys(rotated, "reseal")
    assert "registration.persons: 0 rows" not in said
    assert "cannot be opened" not in said
    said = await qayidis_keys(rotated, "retire")
    stop.set()
    await asyncio.gather(*load)
    assert said.splitlines() == [f"{name}: retired key 1" for name in SEALING]

    for service in SEALING:
        folder = rotated.around.keys_folder
        assert list(json.loads((folder / f"{service}.seal.json").read_text())["keys"]) == ["2"]
        assert list(json.loads((folder / f"{service}.retired.json").read_text())) == ["1"]
        own = create_engine(rotated.database_url(f"{service}_migrator"), service="t", pool_size=1)
        for table in sealed_tables(service):
            assert await needed_keys(own, table) <= {2}, table.fullname
        await own.dispose()
    for made in families:
        seen = await desk.registration.get(f"/v1/families/{made['id']}")
        assert seen.json()["members"] == made["members"]
    fin = families[0]["members"][0]["fin"]
    found = await desk.registration.get("/v1/families", params={"q": fin})
    assert [each["id"] for each in found.json()["items"]] == [families[0]["id"]]
    enrolment = await desk.enrol(seminar["id"], families[0])
    assert enrolment["status"] == "confirmed"
    await desk.received(families[0]["members"][0]["phone"], 2)
    assert not [
        line
        for line in (await qayidis_keys(rotated, "reseal")).splitlines()
        if ": 0 rows" not in line
    ]
    await rotated.close_clients()


async def test_what_a_crash_left_undone_is_done_by_the_next_call(
    rotated: System, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(rotated)
    for _ in range(6):
        await desk.register(household(place(), 5))
    await rotated.close_clients()
    sealer = _with_another_key(rotated)
    monkeypatch.setattr(resealing, "BATCH", 7)
    crashing = asyncio.create_task(reseal(engine, PERSONS, sealer, print))
    while len(await needed_keys(engine, PERSONS)) < 2:
        await asyncio.sleep(0)
    crashing.cancel()
    await asyncio.gather(crashing, return_exceptions=True)
    assert len(await needed_keys(engine, PERSONS)) == 2
    [first, *_] = await reseal_all(engine, [PERSONS], sealer, print)
    assert first.rows > 0
    assert await needed_keys(engine, PERSONS) == {sealer.active}


async def test_a_row_that_is_being_written_is_passed_by_and_keeps_what_was_written(
    rotated: System, engine: AsyncEngine
) -> None:
    desk = Desk(rotated)
    made = await desk.register(household(place(), 2))
    person = UUID(made["members"][0]["id"])
    sealer = _with_another_key(rotated)
    old = rotated.sealer("registration")
    async with rotated.database() as writer:
        writing = writer.transaction()
        await writing.start()
        await writer.execute(
            "UPDATE registration.persons SET phone_sealed = $1, phone_index = $2 WHERE id = $3",
            old.seal("+994551234567", "persons.phone"),
            phone_index(old, "+994551234567"),
            person,
        )
        resealing_ = asyncio.create_task(reseal(engine, PERSONS, sealer, print))
        await asyncio.sleep(0.5)
        assert not resealing_.done()
        await writing.commit()
        await asyncio.wait_for(resealing_, 10)
    seen = await desk.registration.get(f"/v1/families/{made['id']}")
    assert seen.json()["members"][0]["phone"] == "+994551234567"
    assert await needed_keys(engine, PERSONS) == {sealer.active}
    await rotated.close_clients()


async def test_rows_of_a_lost_key_are_counted_and_left_as_they_are(
    rotated: System, engine: AsyncEngine, tmp_path: Path
) -> None:
    path = tmp_path / "ring.json"
    ring(path)
    path.write_text(
        json.dumps(
            {
                **json.loads(path.read_text()),
                "active": 900,
                "keys": {"900": json.loads(path.read_text())["keys"]["1"]},
            }
        )
    )
    done = await reseal(engine, PERSONS, Sealer.from_file(path), print)
    assert done.rows == 0
    assert set(done.unreadable) == {rotated.sealer("registration").active}


async def test_a_text_whose_key_is_gone_waits_until_it_is_put_back(rotated: System) -> None:
    desk, at = Desk(rotated), place()
    family = await desk.register(household(at, 1))
    phone = family["members"][0]["phone"]
    await desk.publish(event(at))
    await desk.received(phone, 1)
    path = rotated.around.keys_folder / "notifications.seal.json"
    whole = path.read_text()
    wanting = with_new_key(json.loads(whole))
    path.write_text(json.dumps(without_keys(wanting, range(wanting["active"]))))
    await asyncio.sleep(1.1)
    await desk.register(household(place(), 1))  # sealing, the service notices the new ring
    later = await desk.publish(event(at))

    async def waits() -> None:
        async with rotated.database() as database:
            told = await database.fetchrow(
                "SELECT status, reason FROM notifications.notifications WHERE event_id = $1",
                UUID(later["id"]),
            )
        assert told, "not made yet"
        assert told["status"] == "pending"
        assert str(told["reason"]).startswith("no key "), told

    await eventually(waits)
    assert len(await desk.texts(phone)) == 1
    path.write_text(json.dumps(wanting))
    await desk.received(phone, 2)
    await rotated.close_clients()


def _with_another_key(system: System) -> Sealer:
    path = system.around.keys_folder / "registration.seal.json"
    path.write_text(json.dumps(with_new_key(json.loads(path.read_text()))))
    return system.sealer("registration")
