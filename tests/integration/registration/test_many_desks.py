"""10,000 check-ins of 20 offline desks, brought at once over a bad network: none lost, none double.

Desks saw the same people, their calls are cut and repeated, and the service is killed meanwhile.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.registration.tickets.domain import Ticket
from services.registration.tickets.keys import TicketKeys
from shared.ids import new_id
from tests.integration.registration.hearing import Told, publish_event, refused
from tests.support.waiting import eventually
from tests.system import System

DESKS, EACH, BATCH = 20, 500, 250
FAMILIES, MEMBERS = 3_000, 3


@dataclass
class Family:
    """Seats of a family, and its signed ticket."""

    enrolment_id: UUID
    person_ids: list[UUID]
    token: str


@dataclass
class Desk:
    """A tablet: what it did offline, and what it was answered."""

    name: str
    arrivals: list[dict[str, Any]]
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    cut: int = 0


async def families(system: System, event_id: UUID) -> list[Family]:
    """Put enrolled families straight into the tables."""
    keys = TicketKeys.from_file(system.around.keys_folder / "tickets.jwk")
    now, made = datetime.now(UTC), []
    for _ in range(FAMILIES):
        enrolment_id = new_id()
        token = keys.write(Ticket(event_id, enrolment_id, MEMBERS, 1, now))
        made.append(Family(enrolment_id, [new_id() for _ in range(MEMBERS)], token))
    async with system.database() as database:
        ids = [new_id() for _ in made]
        await database.execute(
            """INSERT INTO registration.families (id, version, origin_district, origin_settlement,
                residence_district, residence_settlement)
            SELECT id, 1, 'AZ-AGM', 'Novruzlu', 'AZ-BAR', 'Bərdə' FROM unnest($1::uuid[]) id""",
            ids,
        )
        await database.executemany(
            """INSERT INTO registration.enrolments (id, event_id, family_id, person_ids, seats,
                origin_district, status, ticket, version)
            VALUES ($1, $2, $3, $4, $5, 'AZ-AGM', 'confirmed', $6, 1)""",
            [
                (each.enrolment_id, event_id, id_, each.person_ids, MEMBERS, uuid4().hex)
                for id_, each in zip(ids, made, strict=True)
            ],
        )
    return made


def offline(enrolled: Sequence[Family], chance: random.Random) -> list[Desk]:
    """Let every desk check in whoever comes, some of them seen at another desk too."""
    desks = []
    for number in range(DESKS):
        arrivals = []
        for family in chance.sample(enrolled, EACH):
            came = chance.sample(family.person_ids, chance.randint(1, MEMBERS))
            arrivals.append(
                {
                    "ticket": family.token,
                    "person_ids": [str(id_) for id_ in came],
                    "nonce": uuid4().hex,
                    "at": datetime.now(UTC).isoformat(),
                }
            )
        desks.append(Desk(f"desk {number}", arrivals))
    return desks


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
    """Check that everybody's attendance was told, once."""
    persons = Counter[str]()
    for family in enrolled:
        for envelope in told.about(str(family.enrolment_id)):
            assert envelope["type"].endswith("attendance_recorded.v1")
            persons.update(envelope["data"]["person_ids"])
    assert persons.total() == len(came)
    assert persons.keys() == came.keys()
