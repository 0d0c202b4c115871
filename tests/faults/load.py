"""The load: families, enrolments, cancellations, check-ins, moves and erasures at a set rate."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from tests.faults.desks import Desks, RefusedError, StuckError
from tests.faults.ledger import Acknowledged, Arrival, Ledger, now
from tests.support import bodies
from tests.support.bodies import Body

PEOPLE_A_FAMILY = 2

_CLIENTS = 16
_RUSH = 12
_RUSH_SEATS = 10
_EVENTS_AT_FIRST = 4
_INVITED, _INVITING = 0.05, 0.25
"""How many of the families live where some events invite, and how many of the events do."""

Act = Callable[[], Awaitable[None]]


class Load:
    """What desks and organisers do, chosen by seeded dice."""

    def __init__(
        self,
        desks: Desks,
        ledger: Ledger,
        *,
        seed: int,
        rate: float,
        weights: Mapping[str, float],
    ) -> None:
        self._desks = desks
        self._ledger = ledger
        self._dice = random.Random(seed)
        self._rate = rate
        self._at = bodies.place()
        self._invited_at = bodies.place()
        self._elsewhere = bodies.place()
        self._open: list[UUID] = []
        self._seated: list[Acknowledged] = []
        self._free: list[Acknowledged] = []
        self._acts: dict[str, tuple[float, Act, list[Acknowledged] | None]] = {
            "arrive": (40, self._arrive, None),
            "enrol": (24, self._enrol_again, self._free),
            "cancel": (12, self._cancel, self._seated),
            "check in": (12, self._check_in, self._seated),
            "move": (4, self._move, None),
            "publish": (3, self._publish_one, None),
            "erase": (4, self._erase, self._free),
            "rush": (3, self._rush, None),
        }
        self._weights = [weights.get(name, each[0]) for name, each in self._acts.items()]
        self._asked: set[tuple[UUID, UUID]] = set()
        self._next = 0.0
        self.refused: list[str] = []
        self.stuck: list[str] = []

    async def prepare(self) -> None:
        """Publish the first events."""
        for _ in range(_EVENTS_AT_FIRST):
            await self._publish(capacity=60)

    async def run(self, until: Callable[[], bool]) -> None:
        """Work at the rate until told to stop, and until every call that was begun is answered."""
        self._next = now()
        async with asyncio.TaskGroup() as group:
            for _ in range(_CLIENTS):
                group.create_task(self._work(until))

    async def _work(self, until: Callable[[], bool]) -> None:
        while not until():
            # Whoever was held up does not hurry afterwards: the rate is an upper bound.
            turn = max(self._next, now() - 1)
            self._next = turn + 1 / self._rate
            await asyncio.sleep(max(0.0, turn - now()))
            name = self._choose()
            try:
                await self._acts[name][1]()
            except RefusedError as refused:
                self.refused.append(f"{name}: {refused}")
            except StuckError as failure:
                self.stuck.append(f"{name}: {failure}")

    def _choose(self) -> str:
        name = self._dice.choices(list(self._acts), self._weights)[0]
        pool = self._acts[name][2]
        return "arrive" if pool == [] else name

    async def _arrive(self) -> None:
        family = await self._register()
        await self._enrol(self._dice.choice(self._open), family)

    async def _enrol_again(self) -> None:
        family = self._take(self._free)
        others = [id_ for id_ in self._open if (id_, family.id) not in self._asked]
        await self._enrol(self._dice.choice(others), family, again=False)

    async def _cancel(self) -> None:
        enrolment = self._take(self._seated)
        path = f"/v1/enrolments/{enrolment.id}/cancel"
        done = await self._desks.insist("registration", path, {"by": "family"}, what="cancel")
        self._ledger.note(self._ledger.cancelled, done)

    async def _check_in(self) -> None:
        enrolment = self._take(self._seated).body
        body: Body = {
            "ticket": enrolment["ticket"],
            "person_ids": enrolment["person_ids"],
            "nonce": str(uuid4()),
            "at": datetime.now(UTC).isoformat(),
        }
        await self._desks.insist("registration", "/v1/check-ins", body, what="check in")
        persons = frozenset(map(UUID, enrolment["person_ids"]))
        event_id, family_id = UUID(enrolment["event_id"]), UUID(enrolment["family_id"])
        self._ledger.arrivals.append(Arrival(event_id, family_id, persons))

    async def _move(self) -> None:
        event = self._ledger.events[self._dice.choice(self._open)].body
        # Never to a time it had before, so that no two texts of one phone are alike.
        days = 8 + sum(map(len, self._ledger.moves.values())) / 24 + self._dice.random() / 24
        starts_at = (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0)
        body: Body = {
            "starts_at": starts_at.isoformat(),
            "ends_at": (starts_at + timedelta(hours=3)).isoformat(),
            "reason": bodies.reason(),
        }
        path = f"/v1/events/{event['id']}/reschedule"
        self._ledger.note_move(await self._desks.insist("events", path, body, what="move"))

    async def _publish_one(self) -> None:
        inviting = self._dice.random() < _INVITING
        event_id = await self._publish(capacity=self._dice.randrange(20, 80), inviting=inviting)
        if inviting:
            self._ledger.inviting.add(event_id)

    async def _erase(self) -> None:
        family = self._take(self._free)
        body: Body = {
            "family_id": str(family.id),
            "reason": "Ərizə ilə",
            "basis": "consent_withdrawn",
        }
        done = await self._desks.insist("registration", "/v1/erasures", body, what="erase")
        self._ledger.erased[family.id] = done

    async def _rush(self) -> None:
        """Many families at once want the few seats of one event."""
        event_id = await self._publish(capacity=_RUSH_SEATS)
        families = [await self._register() for _ in range(_RUSH)]
        first, *others = families
        await self._enrol(event_id, first)  # answered when registration knows the event
        await asyncio.gather(*(self._enrol(event_id, family) for family in others))

    async def _register(self) -> Acknowledged:
        invited = self._dice.random() < _INVITED
        at = self._invited_at if invited else self._at
        body = bodies.household(at, PEOPLE_A_FAMILY)
        family = await self._desks.insist("registration", "/v1/families", body, what="register")
        self._ledger.note(self._ledger.families, family)
        if invited:
            self._ledger.invited.add(family.id)
        return family

    async def _enrol(self, event_id: UUID, family: Acknowledged, *, again: bool = True) -> None:
        self._asked.add((event_id, family.id))
        body: Body = {"event_id": str(event_id), "family_id": str(family.id)}
        enrolment = await self._desks.insist("registration", "/v1/enrolments", body, what="enrol")
        self._ledger.note(self._ledger.enrolments, enrolment)
        if again:
            self._free.append(family)
        if enrolment.body["status"] == "confirmed":
            self._seated.append(enrolment)

    async def _publish(self, capacity: int, *, inviting: bool = False) -> UUID:
        # Few events invite few: a text to everyone for each event would be all the load.
        at = self._invited_at if inviting else self._elsewhere
        body = bodies.event(at, capacity=capacity)
        draft = await self._desks.insist("events", "/v1/events", body, what="draft")
        path = f"/v1/events/{draft.body['id']}/publish"
        event = await self._desks.insist("events", path, None, what="publish")
        self._ledger.note(self._ledger.events, event)
        self._open.append(event.id)
        return event.id

    def _take(self, pool: list[Acknowledged]) -> Acknowledged:
        return pool.pop(self._dice.randrange(len(pool)))
