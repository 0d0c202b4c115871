"""10,000 check-ins of 20 offline desks, brought at once over a bad network: none lost, none double.

Desks saw the same people, their calls are cut and repeated, and the service is killed meanwhile.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import httpx

from tests.integration.registration.hearing import Told, publish_event, refused
from tests.support.doors import DESKS, EACH, FAMILIES, MEMBERS, Desk, Family, families, offline
from tests.support.waiting import eventually
from tests.system import System

BATCH = 250


async def bring(client: httpx.AsyncClient, desk: Desk, chance: random.Random) -> None:
    """Bring everything, in batches that overlap, each until it was answered."""
    for start in range(0, EACH, BATCH):
        batch = desk.arrivals[max(0, start - 10) : start + BATCH]
        body = {"desk": desk.name, "check_ins": batch}
        cut = chance.random() < 0.4
        while True:
            seconds = chance.uniform(0.01, 1) if cut else 60
            cut = False
            try:
                answer = await client.post("/v1/check-ins/sync", json=body, timeout=seconds)
            except httpx.TransportError:
                desk.cut += 1
                await asyncio.sleep(0.3)
                continue
            if answer.status_code == 409:  # the call that was cut is still being worked on
                refused(answer, 409, "still-running")
                await asyncio.sleep(0.3)
                continue
            assert answer.status_code == 200, answer.text
            break
        for item in answer.json()["items"]:
            desk.answers[item["nonce"]] = item


async def test_10_000_check_ins_of_20_offline_desks_are_all_there_and_none_twice(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    chance = random.Random(2026)
    event_id = await publish_event(alone, registrar, capacity=FAMILIES * MEMBERS)
    enrolled = await families(alone, event_id)
    desks = offline(enrolled, chance)

    async def killed() -> None:
        await asyncio.sleep(1)
        await alone.kill9("registration")
        await asyncio.to_thread(alone.start, ["registration"])

    clients = [alone.client("registration", "registrar") for _ in desks]
    bringing = (bring(client, desk, chance) for client, desk in zip(clients, desks, strict=True))
    await asyncio.gather(killed(), *bringing)
    assert sum(desk.cut for desk in desks) > DESKS, "calls must have been cut"

    await judge(alone, told, event_id, enrolled, desks)


async def judge(
    system: System, told: Told, event_id: UUID, enrolled: Sequence[Family], desks: Sequence[Desk]
) -> None:
    """Compare what desks did with the tables and with what was told."""
    came = Counter(id_ for desk in desks for each in desk.arrivals for id_ in each["person_ids"])
    assert max(came.values()) > 1, "desks must have seen the same people"
    async with system.database() as database:
        attendance = await database.fetch(
            "SELECT person_id, nonce FROM registration.attendance WHERE event_id = $1", event_id
        )
        nonces = await database.fetch(
            "SELECT c.nonce FROM registration.check_ins c JOIN registration.enrolments e "
            "ON e.id = c.enrolment_id WHERE e.event_id = $1",
            event_id,
        )
        kept = await database.fetch(
            "SELECT nonce, person_ids, reason FROM registration.check_in_conflicts "
            "WHERE event_id = $1",
            event_id,
        )
    assert sorted(str(row["person_id"]) for row in attendance) == sorted(came), "lost or double"
    arrivals = {each["nonce"]: each for desk in desks for each in desk.arrivals}
    assert len(arrivals) == DESKS * EACH == 10_000
    assert sorted(row["nonce"] for row in nonces) == sorted(arrivals)

    recorded = Counter(row["nonce"] for row in attendance)
    conflicting = {row["nonce"]: {str(id_) for id_ in row["person_ids"]} for row in kept}
    assert len(conflicting) == len(kept), "one conflict a check-in"
    assert {row["reason"] for row in kept} == {"already-checked-in"}
    for nonce, arrival in arrivals.items():
        seen = conflicting.get(nonce, set())
        assert recorded[nonce] + len(seen) == len(arrival["person_ids"])
    for desk in desks:
        for nonce, item in desk.answers.items():
            assert set(item["conflicting"]) == conflicting.get(nonce, set())
            assert (item["result"] == "conflict") == (nonce in conflicting)

    await eventually(lambda: heard(told, enrolled, came), 60)


async def heard(told: Told, enrolled: Sequence[Family], came: Counter[str]) -> None:
    """Check that everybody's attendance was told, by one message."""
    persons = Counter[str]()
    for family in enrolled:
        for envelope in told.about(str(family.enrolment_id)):
            assert envelope["type"].endswith("attendance_recorded.v1")
            persons.update(envelope["data"]["person_ids"])
    assert persons.total() == len(came)
    assert persons.keys() == came.keys()
