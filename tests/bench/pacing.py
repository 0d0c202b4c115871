"""Enrolling at the pace of 10 desks and of 100, in one event and in several."""

from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from tests.bench.enrolling import enrolments_of
from tests.bench.figures import Figure, percentile
from tests.bench.load import Call, answers, at_pace, numbered, registrar
from tests.bench.recording import record
from tests.bench.replaying import replaying
from tests.bench.sizes import sized
from tests.support.bodies import Body, Place, event, household, place
from tests.support.desk import Desk
from tests.system import System

EVERY = 2.0
"""Seconds from one enrolment of a desk to its next."""

TURNS = sized(12, 3)
DESKS = (10, sized(100, 30))
EVENTS = 10
LARGEST = 5

_SEATS = """
SELECT coalesce(sum(greatest(0, taken - capacity)), 0) AS over,
    coalesce(sum(taken), 0) AS taken, coalesce(sum(capacity), 0) AS capacity
FROM registration.events JOIN (
    SELECT event_id, coalesce(sum(seats) FILTER (WHERE status = 'confirmed'), 0) AS taken
    FROM registration.enrolments GROUP BY event_id
) AS counted ON counted.event_id = events.id
WHERE events.id = ANY($1::uuid[])
"""


@dataclass(frozen=True)
class _Ground:
    system: System
    desk: Desk
    client: aiohttp.ClientSession
    at: Place
    families: Sequence[Body]

    async def enrolments(self, many: int, events: int) -> list[Body]:
        """Publish events that hold nineteen of twenty people, and make that many enrolments."""
        coming = self.families[:many]
        bodies = []
        for number in range(events):
            mine = coming[number::events]
            people = sum(len(each["members"]) for each in mine)
            published = await self.desk.publish(event(self.at, capacity=max(1, people * 19 // 20)))
            bodies.append(enrolments_of(published["id"], mine))
        # By turns over the events, as the families stand.
        return [bodies[number % events][number // events] for number in range(many)]


async def measure(system: System, desk: Desk) -> list[Figure]:
    """Let the desks of a hall enrol one family every two seconds each."""
    at = place()
    url = f"{system.urls['registration']}/v1/families"
    many = max(DESKS) * TURNS
    async with registrar(system) as client:
        bodies = [household(at, 1 + number % LARGEST) for number in range(many)]
        families = await answers(client, [Call(url, body) for body in bodies])
        ground = _Ground(system, desk, client, at, families)
        return [await _at_pace(ground, desks, events) for desks in DESKS for events in (1, EVENTS)]


async def _at_pace(ground: _Ground, desks: int, events: int) -> Figure:
    url = f"{ground.system.urls['registration']}/v1/enrolments"
    many = desks * TURNS
    recorded = await record(ground.system, "/v1/enrolments", await ground.enrolments(many, events))
    with replaying(ground.system, recorded) as bare_url:
        theirs = list(numbered(bare_url, [each.body for each in recorded]))
        bare = await at_pace(ground.client, theirs, desks=desks, every=EVERY)
    bodies = await ground.enrolments(many, events)
    ours = await at_pace(
        ground.client, [Call(url, body) for body in bodies], desks=desks, every=EVERY
    )
    seats = await _seats(ground.system, {body["event_id"] for body in bodies})
    p50 = [percentile(waits.milliseconds, 50) for waits in (ours, bare)]
    where = "one event" if events == 1 else f"{events} events"
    return Figure(
        f"enrolling at {desks} desks, each every {EVERY:.0f} s, {where}",
        f"{ours}, {seats}",
        f"bare FastAPI + asyncpg, the same SQL: {bare}",
        f"p50 {p50[0] / p50[1]:.1f} times",
        "-",
        "the processor time of one enrolment, and the wait for the disk at its commit",
    )


async def _seats(system: System, events: set[str]) -> str:
    async with system.database() as database:
        row = await database.fetchrow(_SEATS, list(events))
    assert row["over"] == 0, f"{row['over']} more people than seats"
    return f"{row['taken']} of {row['capacity']} seats, none over"
