"""Whoever gets hold of a dump of the database reads no phone, FIN, e-mail or home address in it.

Nor does who reads the services' logs.
"""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.bootstrap.accounts import SERVICES
from deploy.local.install import find_programs
from tests.support import bodies
from tests.support.bodies import person
from tests.support.desk import Desk, answered
from tests.support.dumps import forms, traces
from tests.support.lists import as_csv, checked, row
from tests.system import System


async def test_a_dump_of_a_system_in_use_shows_nothing_that_must_be_sealed(desk: Desk) -> None:
    secrets = await _seminar(desk)
    async with desk.system.database() as database:
        # A name must be found: else this looks in the wrong place.
        assert await traces(database, ["Dumpova", *secrets]) == {"Dumpova"}
    for service in SERVICES:
        log = (desk.system.root / "logs" / f"{service}.log").read_bytes().lower()
        assert {each for each in secrets if any(form in log for form in forms(each))} == set()
    dump = await _dump(desk.system)
    if dump is None:
        pytest.skip("no pg_dump as new as the server here; every table was looked at above")
    assert {"Dumpova", *secrets} & _readable(dump, ["Dumpova", *secrets]) == {"Dumpova"}


async def _seminar(desk: Desk) -> list[str]:
    """Play everything that moves personal data; return what must not be seen of it."""
    at, address = bodies.place(), f"Nizami küçəsi 14, mənzil {bodies.fin()}"
    people = [
        person(family_name="Dumpova", email=bodies.email()),
        person(phone=None, email=bodies.email()),
    ]
    body = bodies.family(at, *people)
    body["residence"]["address"] = address
    family = await desk.register(body)
    secrets = [address]
    for each in people:
        secrets += [each[name] for name in ("fin", "phone", "email") if each[name]]
    await desk.registration.post("/v1/families", json=body)  # refused: the FIN is registered
    event = await desk.publish(bodies.event(at, capacity=2))
    await desk.received(str(people[0]["phone"]), 1)
    await desk.enrol(event["id"], family)
    await desk.received(str(people[0]["phone"]), 2)

    new = {"phone": bodies.phone(), "email": bodies.email(), "fin": bodies.fin()}
    moved = {**family["residence"], "address": f"Xətai prospekti 3, mənzil {bodies.fin()}"}
    members = [{**family["members"][0], **new}, family["members"][1]]
    changed = await desk.change(family, {"members": members, "residence": moved})
    secrets += [*new.values(), moved["address"]]
    later = await desk.publish(bodies.event(at))
    [told, *_] = await desk.settled(2, event_id=later["id"])
    said = f"{new['phone']} is not in service, ask {new['email']}"
    await desk.receipt(
        {
            "id": told["id"],
            "status": "failed",
            "reason": said,
            "at": datetime.now(UTC).isoformat(),
        }
    )
    for typed in (new["fin"], new["phone"], new["phone"][-4:]):
        await answered(desk.registration.get("/v1/families", params={"q": typed}))
    await answered(desk.registration.get(f"/v1/families/{changed['id']}"))

    listed = {"FIN": bodies.fin(), "Telefon": bodies.phone(), "Ünvan": f"Sabir {bodies.fin()}"}
    made = await checked(desk.registration, as_csv([row(1, **listed)]))
    assert made["state"] == "checked", made
    return [*secrets, *listed.values()]


async def _dump(system: System) -> str | None:
    programs = find_programs()
    pg_dump = programs.postgres_bin / "pg_dump" if programs else Path("/none")
    if not pg_dump.exists():
        return None
    process = await asyncio.create_subprocess_exec(
        *(str(pg_dump), "--dbname", system.database_url()),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    dumped, failed = await process.communicate()
    if b"server version mismatch" in failed:
        return None
    assert process.returncode == 0, failed.decode()
    return dumped.decode()


def _readable(dump: str, secrets: Sequence[str]) -> set[str]:
    """Tell which are in the dump, also inside the bytes that it writes in hex."""
    plain = dump.encode().lower()
    inside = b"\n".join(bytes.fromhex(each) for each in re.findall(r"\\\\x([0-9a-f]+)", dump))
    contents = (plain, inside.lower())
    return {
        secret
        for secret in secrets
        if any(form in content for form in forms(secret) for content in contents)
    }
