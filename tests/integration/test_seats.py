"""Seats never oversell, and this test would see it if they did."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.calendar import queries as calendar
from services.registration.enrolments import handlers, queries
from shared.database import create_engine, create_sessions
from tests.support import bodies
from tests.support.bodies import Body
from tests.support.desk import Desk

SEATS = 60


async def families(desk: Desk, at: bodies.Place, sizes: list[int]) -> list[Body]:
    """Register families of these sizes, ten at a time."""
    gate = asyncio.Semaphore(10)

    async def register(size: int) -> Body:
        async with gate:
            return await desk.register(bodies.household(at, size))

    return list(await asyncio.gather(*(register(size) for size in sizes)))


async def test_200_families_at_once_never_get_more_than_60_seats(desk: Desk) -> None:
    at = bodies.place()
    event = await desk.publish(bodies.event(at, capacity=SEATS))
    registered = await families(desk, at, [1 + number % 4 for number in range(200)])

    enrolments = await asyncio.gather(*(desk.enrol(event["id"], each) for each in registered))

    people = Counter[str]()
    for enrolment in enrolments:
        people[enrolment["status"]] += enrolment["seats"]
    assert people["confirmed"] == SEATS, "some family of one always waits for the last seat"
    assert people.total() == sum(len(each["members"]) for each in registered)
    assert await desk.seats(event["id"]) == {
        "capacity": SEATS,
        "confirmed": SEATS,
        "waitlisted": people["waitlisted"],
        "attended": 0,
    }
    waiting = [each for each in enrolments if each["status"] == "waitlisted"]
    positions = sorted(each["waiting_position"] for each in waiting)
    assert positions == [*range(1, len(waiting) + 1)]


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "unlocked"])
async def test_what_keeps_seats_from_overselling_is_the_lock(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    at = bodies.place()
    registered = await families(desk, at, [4] * 24)
    if not locked:
        monkeypatch.setattr(calendar, "lock_event", calendar.find_event)
    # Nobody takes seats before all have counted them; with the lock that would never come.
    pause = partial(asyncio.sleep, 0.1) if locked else asyncio.Barrier(len(registered)).wait
    monkeypatch.setattr(queries, "read_situation", slowly(queries.read_situation, pause))

    event = await desk.publish(bodies.event(at, capacity=SEATS))
    await enrol_all_at_once(desk, event, registered)

    taken = (await desk.seats(event["id"]))["confirmed"]
    assert taken == SEATS if locked else taken > SEATS


def slowly(read: Any, pause: Callable[[], Awaitable[object]]) -> Any:
    """Give others time between counting the seats and taking some, as a busy server does."""

    async def read_and_wait(
        session: AsyncSession, event_id: UUID, family_id: UUID
    ) -> queries.Situation | None:
        situation: queries.Situation | None = await read(session, event_id, family_id)
        async with asyncio.timeout(30):
            await pause()
        return situation

    return read_and_wait


async def enrol_all_at_once(desk: Desk, event: Body, registered: list[Body]) -> None:
    """Call the handler for every family at the same moment, each in its own transaction."""
    engine = create_engine(
        desk.system.database_url("registration_app"),
        service="tests",
        pool_size=len(registered),
    )
    sessions = create_sessions(engine, {"sealer": desk.system.sealer("registration")})

    async def enrol(family: Body) -> None:
        async with sessions.begin() as session:
            await handlers.enrol_family(session, UUID(event["id"]), UUID(family["id"]), None)

    await asyncio.gather(*(enrol(family) for family in registered))
    await engine.dispose()
