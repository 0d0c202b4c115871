"""A poison message whose very type is a phone number tells nobody of it, and nothing keeps it."""

import httpx

from shared.contracts.base import PUBLIC
from tests.support import mishaps
from tests.support.dead_letters import CONTACTS, lie_there, listed, qayidis_dead
from tests.support.desk import Desk, answered
from tests.support.injection import inject_raw
from tests.support.needles import Needles
from tests.system import System

AT = "/v1/dead-letters"
TOLD = "registration.events"


async def test_a_type_that_is_a_phone_is_shown_nowhere_and_kept_sealed_alone(dead: System) -> None:
    needles = Needles()
    await mishaps.poison(Desk(dead), needles)
    (phone,) = needles.values
    said = httpx.Request("POST", "http://x", json={"type": phone, "data": {}}).content
    await inject_raw(dead, said, PUBLIC, "events.event_published.v1", "events")
    await lie_there(dead, CONTACTS, count=4)
    await lie_there(dead, TOLD, count=1)

    everything = {
        " ".join(words): qayidis_dead(dead, *words).stdout
        for words in (["list"], ["list", "--letters"], ["list", "--json"])
    }
    for letter in listed(dead):
        ref = letter["ref"]
        everything[f"show {ref}"] = qayidis_dead(dead, "show", ref).stdout
        everything[f"json {ref}"] = qayidis_dead(dead, "show", ref, "--json").stdout
    for service in ("notifications", "registration"):
        operator = dead.client(service, "operator")
        for path in (AT, f"{AT}/groups"):
            everything[f"{service} {path}"] = (await operator.get(path)).text
        for letter in (await answered(operator.get(AT)))["items"]:
            path = f"{AT}/{letter['ref']}"
            everything[f"{service} {path}"] = (await operator.get(path)).text
            why = {"reason": "noise of a test"}
            await answered(operator.post(f"{path}/drop", json=why))
        everything[f"{service} records"] = (await operator.get(f"{AT}/records")).text
    everything["records"] = qayidis_dead(dead, "records", "--json").stdout
    everything["audit"] = (
        await dead.client("registration", "auditor").get(
            "/v1/audit", params={"action": "dead_letter.dropped"}
        )
    ).text
    async with dead.database() as database:
        for table in ("notifications.dead_letter_records", "registration.dead_letter_records"):
            rows = await database.fetch(f"SELECT to_jsonb(t) - 'message' AS row FROM {table} t")
            everything[table] = "\n".join(row["row"] for row in rows)
        rows = await database.fetch("SELECT t::text AS row FROM registration.audit_entries t")
        everything["the audit log"] = "\n".join(row["row"] for row in rows)
    found = {where: needles.found_in(text) for where, text in everything.items()}
    assert {where: what for where, what in found.items() if what} == {}
    # It was looked for where something is.
    assert all(everything.values()), [where for where, text in everything.items() if not text]
    assert "dead_letter.dropped" in everything["audit"]
    assert TOLD in everything["registration.dead_letter_records"]
    assert CONTACTS in everything["notifications.dead_letter_records"]
