"""200 changes of one event at once: its rules hold all the same, and fall without the lock."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from services.registration.calendar import queries as calendar
from services.registration.calendar.domain import Facts, Rule
from services.registration.enrolments import event_changes
from services.registration.enrolments import handlers as enrolments
from services.registration.waiting_list import handlers, queries
from services.registration.waiting_list.domain import walk
from shared.database import Sessions, create_engine, create_sessions
from shared.problems import Problem
from tests.support.bodies import Place, household
from tests.system import System

ORIGINS = ("AZ-AGM", "AZ-LAC", "AZ-KAL")
FAMILIES = 60
CHANGES = 200
AT_ONCE = 12


@pytest.fixture(scope="module")
async def families(registrar: httpx.AsyncClient) -> dict[UUID, int]:
    """The sizes of registered families."""

    async def register(number: int) -> tuple[UUID, int]:
        at = Place(ORIGINS[number % 3], "AZ-BAR")
        size = 1 + number % 4
        made = await registrar.post("/v1/families", json=household(at, size))
        return UUID(made.json()["id"]), size

    gate = asyncio.Semaphore(8)

    async def gated(number: int) -> tuple[UUID, int]:
        async with gate:
            return await register(number)

    return dict(await asyncio.gather(*(gated(number) for number in range(FAMILIES))))


@pytest.fixture
async def sessions(alone: System) -> AsyncIterator[Sessions]:
    engine = create_engine(alone.database_url("registration_app"), service="tests", pool_size=20)
    yield create_sessions(engine)
    await engine.dispose()


@dataclass
class Storm:
    """One event and everything that is done to it at once."""

    sessions: Sessions
    rule: Rule
    offers: bool
    dice: random.Random
    families: dict[UUID, int]
    event: UUID = field(default_factory=uuid4)
    version: int = 0
    capacity: int = 20
    caps: dict[str, int] = field(default_factory=lambda: {"AZ-AGM": 8})
    unforeseen: list[BaseException] = field(default_factory=list)

    async def change_event(self, capacity: int, cap: int) -> None:
        """Tell what the event is like now; the most there ever was is what may be held."""
        self.version += 1
        version = self.version
        self.capacity = max(self.capacity, capacity)
        self.caps["AZ-AGM"] = max(self.caps["AZ-AGM"], cap)
        closes = datetime.now(UTC) + timedelta(days=5)
        facts = Facts(
            title={"az": "s", "en": "s", "ru": "s"},
            venue={"name": "Ev", "district": "AZ-BAR", "address": "Nizami 1"},
            starts_at=closes + timedelta(days=1),
            ends_at=closes + timedelta(days=1, hours=2),
            capacity=capacity,
            enrolment_closes_at=closes,
            rule=self.rule,
            offer_hours=24 if self.offers else None,
            district_caps={"AZ-AGM": cap},
        )
        async with self.sessions.begin() as session:
            await event_changes.follow_event(session, self.event, version, facts)

    async def enrol(self) -> None:
        family = self.dice.choice(list(self.families))
        async with self.sessions.begin() as session:
            await enrolments.enrol_family(session, self.event, family, None)

    async def act(self, action: Callable[..., Awaitable[Any]], where: str, *more: Any) -> None:
        """Do something with one of the enrolments that it is for."""
        async with self.sessions.begin() as session:
            found = await session.scalars(
                text(f"SELECT id FROM enrolments WHERE event_id = :id AND {where}"),
                {"id": self.event},
            )
            ids = sorted(found)
        if ids:
            async with self.sessions.begin() as session:
                await action(session, self.dice.choice(ids), *more)

    async def expire(self) -> None:
        async with self.sessions.begin() as session:
            await session.execute(
                text(
                    "UPDATE enrolments SET offer_expires_at = now() WHERE id = (SELECT id FROM "
                    "enrolments WHERE event_id = :id AND offer_expires_at > now() LIMIT 1 "
                    "FOR UPDATE SKIP LOCKED)"
                ),
                {"id": self.event},
            )
        async with self.sessions.begin() as session:
            await handlers.pass_on(session, self.event)

    async def change(self) -> None:
        """Do one thing, drawn by lot; to be refused is no failure."""
        offered = "offer_expires_at IS NOT NULL"
        draw = self.dice.random()
        await asyncio.sleep(self.dice.random())
        try:
            with suppress(Problem):
                if draw < 0.5:
                    await self.enrol()
                elif draw < 0.68:
                    await self.act(enrolments.cancel_enrolment, "status <> 'cancelled'", "family")
                elif draw < 0.80:
                    await self.act(handlers.accept_offer, offered)
                elif draw < 0.86:
                    await self.act(handlers.decline_offer, offered)
                elif draw < 0.94:
                    await self.expire()
                else:
                    await self.change_event(self.dice.randint(15, 30), self.dice.randint(6, 12))
        except Exception as failure:
            self.unforeseen.append(failure)

    async def broken(self) -> list[str]:
        """Look at the event under its lock, and name each rule that does not hold."""
        async with self.sessions.begin() as session:
            event = await calendar.lock_event(session, self.event)
            assert event is not None
            full = await queries.read_fullness(session, event)
            rows = await session.execute(
                text(
                    "SELECT family_id, seats, status FROM enrolments WHERE event_id = :id "
                    "AND status <> 'cancelled'"
                ),
                {"id": self.event},
            )
            active = rows.all()
            waiting = await queries.list_waiting(session, event, full.free, FAMILIES)
        found = []
        if full.taken > self.capacity:
            found.append(f"{full.taken} seats of {self.capacity}")
        agdam = full.taken_by_district.get("AZ-AGM", 0)
        if agdam > self.caps["AZ-AGM"]:
            found.append(f"{agdam} from one district, its cap is {self.caps['AZ-AGM']}")
        if any(row.seats != self.families[row.family_id] for row in active):
            found.append("a family is not whole")
        if max(Counter(row.family_id for row in active).values(), default=0) > 1:
            found.append("a family is enrolled twice")
        stuck = [each for each in walk(self.rule, full, waiting) if not each.refusal]
        if stuck:
            found.append(f"{len(stuck)} families wait who would get seats")
        return found

    async def blow(self) -> list[str]:
        """Do all at once, looking at it now and then; gives what did not hold at any time."""
        await self.change_event(20, 8)

        async def look() -> list[str]:
            await asyncio.sleep(self.dice.random())
            return await self.broken()

        looks = [look() for _ in range(8)]
        changes = [self.change() for _ in range(CHANGES)]
        results = await asyncio.gather(asyncio.gather(*looks), asyncio.gather(*changes))
        return [each for seen in [*results[0], await self.broken()] for each in seen]

    async def passed_over(self) -> int:
        """Count the walks in which somebody got seats behind a family that they were too few for.

        All decisions of one walk are written by one transaction, in the order of the list.
        """
        async with self.sessions.begin() as session:
            rows = await session.execute(
                text(
                    "SELECT d.xmin::text AS walk, d.reason FROM waiting_decisions d "
                    "JOIN enrolments e ON e.id = d.enrolment_id WHERE e.event_id = :id "
                    "AND d.cause NOT IN ('enrolled', 'offer_accepted') ORDER BY d.entry"
                ),
                {"id": self.event},
            )
        blocked: set[str] = set()
        wrong: set[str] = set()
        for row in rows:
            if row.reason == "too_large":
                blocked.add(row.walk)
            elif row.reason in {"seated", "offered"} and row.walk in blocked:
                wrong.add(row.walk)
        return len(wrong)


@pytest.mark.parametrize("rule", ["best_fit", "strict_order"])
@pytest.mark.parametrize("offers", [True, False], ids=["offers", "at once"])
async def test_200_changes_at_once_break_no_rule(
    sessions: Sessions, families: dict[UUID, int], rule: Rule, offers: bool
) -> None:
    storm = Storm(sessions, rule, offers, random.Random(f"{rule} {offers}"), families)
    assert await storm.blow() == []
    assert storm.unforeseen == []
    if rule == "strict_order":
        assert await storm.passed_over() == 0


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "unlocked"])
async def test_what_keeps_the_rules_is_the_events_lock(
    sessions: Sessions, families: dict[UUID, int], locked: bool
) -> None:
    storm = Storm(sessions, "best_fit", True, random.Random(1), families)
    await storm.change_event(20, 8)
    agdam = list(families)[::3][:AT_ONCE]
    # Nobody takes seats before all have counted them; with the lock that would never come.
    pause = partial(asyncio.sleep, 0.05) if locked else asyncio.Barrier(AT_ONCE).wait
    read = queries.read_fullness

    async def slowly(*counted: Any) -> Any:
        fullness = await read(*counted)
        async with asyncio.timeout(30):
            await pause()
        return fullness

    async def enrol(family: UUID) -> None:
        async with sessions.begin() as session:
            await enrolments.enrol_family(session, storm.event, family, None)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(queries, "read_fullness", slowly)
        if not locked:
            patched.setattr(calendar, "lock_event", calendar.find_event)
        await asyncio.gather(*map(enrol, agdam))
    wanted = sum(families[family] for family in agdam)
    broken = [f"{wanted} seats of 20", f"{wanted} from one district, its cap is 8"]
    assert await storm.broken() == ([] if locked else broken)
