"""10,000 check-ins of 20 offline desks at once, against the same rows by bare asyncpg."""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from deploy.cli.tokens import issue_token
from tests.bench.figures import Figure
from tests.bench.ground import cpu_seconds
from tests.support import bodies
from tests.support.desk import Desk as Staff
from tests.support.doors import DESKS, EACH, FAMILIES, MEMBERS, Desk, Family, families, offline
from tests.system import System

_STATEMENTS = (
    "SELECT id FROM enrolments WHERE id = ANY(SELECT (r ->> 'enrolment_id')::uuid "
    "FROM json_array_elements($1::json) r) ORDER BY id FOR UPDATE",
    "INSERT INTO attendance (event_id, person_id, enrolment_id, at, nonce) "
    "SELECT (r ->> 'event_id')::uuid, p::uuid, (r ->> 'enrolment_id')::uuid, now(), r ->> 'nonce' "
    "FROM json_array_elements($1::json) r, json_array_elements_text(r -> 'person_ids') p "
    "ORDER BY 1, 2 ON CONFLICT DO NOTHING",
    "INSERT INTO check_ins (nonce, enrolment_id, person_ids, attended, at) "
    "SELECT nonce, enrolment_id, person_ids, person_ids, now() "
    "FROM json_populate_recordset(NULL::check_ins, $1::json) ON CONFLICT DO NOTHING",
    "UPDATE enrolments e SET version = version + 1 FROM json_array_elements($1::json) r "
    "WHERE e.id = (r ->> 'enrolment_id')::uuid",
    "INSERT INTO outbox (id, type, exchange, routing_key, expects_route, subject, subject_version, "
    "correlation_id, data) SELECT gen_random_uuid(), 'bench', 'qayidis.public', "
    "'registration.bench.v1', false, gen_random_uuid()::text, 1, 'bench', repeat('x', 300) "
    "FROM json_array_elements($1::json)",
)


async def measure(system: System, staff: Staff) -> Figure:
    """Bring 20 batches of 500 at once by HTTP, and the same into another event by SQL."""
    chance = random.Random(2026)
    place = bodies.place()
    seats = FAMILIES * MEMBERS
    by_http = await staff.publish(bodies.event(place, capacity=seats))
    by_sql = await staff.publish(bodies.event(place, capacity=seats))
    desks = offline(await families(system, UUID(by_http["id"])), chance)
    enrolled = await families(system, UUID(by_sql["id"]))
    process = system.processes.running("registration")
    assert process is not None
    before = cpu_seconds(process.pid)
    ours = await _by_http(system, desks)
    cost = (cpu_seconds(process.pid) - before) / (DESKS * EACH) * 1000
    yardstick = await _by_sql(system, by_sql["id"], offline(enrolled, chance), enrolled)
    rate, bare = DESKS * EACH / ours, DESKS * EACH / yardstick
    return Figure(
        f"POST /v1/check-ins/sync, {DESKS} desks of {EACH} at once",
        f"{rate:,.0f}/s, all in {ours:.1f} s, {cost:.2f} CPU-ms each",
        f"asyncpg, the same rows in bulk: {bare:,.0f}/s",
        f"{rate / bare:.2f}",
        "-",
        "one Python process: a signature, validation and a message for each check-in",
    )


async def _by_http(system: System, desks: Sequence[Desk]) -> float:
    token = issue_token(["registrar"], keys_folder=system.around.keys_folder)
    url = f"{system.urls['registration']}/v1/check-ins/sync"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as client:

        async def bring(desk: Desk) -> None:
            body = {"desk": desk.name, "check_ins": desk.arrivals}
            async with client.post(url, json=body) as answer:
                assert answer.status == 200, await answer.text()

        began = time.perf_counter()
        await asyncio.gather(*(bring(desk) for desk in desks))
        return time.perf_counter() - began


async def _by_sql(
    system: System, event_id: str, desks: Sequence[Desk], enrolled: Sequence[Family]
) -> float:
    ids = {family.token: str(family.enrolment_id) for family in enrolled}

    def row(arrival: dict[str, Any]) -> dict[str, Any]:
        return {
            "event_id": event_id,
            "enrolment_id": ids[arrival["ticket"]],
            "person_ids": arrival["person_ids"],
            "nonce": uuid4().hex,
        }

    async def bring(desk: Desk) -> None:
        rows = json.dumps([row(arrival) for arrival in desk.arrivals])
        async with system.database("registration_app") as database, database.transaction():
            for statement in _STATEMENTS:
                await database.execute(statement, rows)

    began = time.perf_counter()
    await asyncio.gather(*(bring(desk) for desk in desks))
    took = time.perf_counter() - began
    async with system.database() as database:
        await database.execute("DELETE FROM registration.outbox WHERE type = 'bench'")
    return took
