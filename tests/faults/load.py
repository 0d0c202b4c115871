"""Families that register and enrol while things break, by clients that do not give up."""

import asyncio
import random
import time
from uuid import uuid4

import httpx

from tests.faults.ledger import Ledger
from tests.support import bodies
from tests.support.bodies import Body
from tests.system import System

FAMILIES = 500
PEOPLE_A_FAMILY = 2
CAPACITY = 600
INVITING_EVENTS = 3

_CLIENTS = 10
_PAUSE = 0.25
_PATIENCE = 90


class Load:
    """500 families of one place that enrol in one event, while others are published for them."""

    def __init__(self, system: System, ledger: Ledger, seed: int) -> None:
        self._registration = system.client("registration", "registrar", seconds=5)
        self._events = system.client("events", "organiser", seconds=5)
        self._ledger = ledger
        self._random = random.Random(seed)
        self.at = bodies.place()
        self.event_id = ""

    async def prepare(self) -> None:
        """Publish the event before anybody is there, so that it invites nobody."""
        event = await self._publish(bodies.event(self.at, capacity=CAPACITY))
        self.event_id = event["id"]

    async def run(self) -> None:
        """Enrol everyone; returns when the last call was acknowledged."""
        each = FAMILIES // _CLIENTS
        async with asyncio.TaskGroup() as group:
            for _ in range(_CLIENTS):
                group.create_task(self._enrol(each))
            group.create_task(self._invite())

    async def _enrol(self, count: int) -> None:
        ledger = self._ledger
        for _ in range(count):
            body = bodies.household(self.at, PEOPLE_A_FAMILY)
            family = await self._insist(self._registration, "/v1/families", body)
            ledger.note(ledger.families, family)
            body = {"event_id": self.event_id, "family_id": family["id"]}
            enrolment = await self._insist(self._registration, "/v1/enrolments", body)
            ledger.note(ledger.enrolments, enrolment)
            await asyncio.sleep(_PAUSE * 2 * self._random.random())

    async def _invite(self) -> None:
        for _ in range(INVITING_EVENTS):
            await asyncio.sleep(4)
            event = await self._publish(bodies.event(self.at))
            self._ledger.note(self._ledger.events, event)

    async def _publish(self, body: Body) -> Body:
        draft = await self._insist(self._events, "/v1/events", body)
        return await self._insist(self._events, f"/v1/events/{draft['id']}/publish", None)

    async def _insist(self, client: httpx.AsyncClient, path: str, body: Body | None) -> Body:
        """Post with one key until it is acknowledged, as a desk behind a bad network does."""
        headers = {"Idempotency-Key": str(uuid4())}
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                answer = await client.post(path, json=body, headers=headers)
            except httpx.TransportError as failure:
                said = type(failure).__name__
            else:
                if answer.is_success:
                    acknowledged: Body = answer.json()
                    return acknowledged
                said = f"{answer.status_code} {answer.text}"
                # 404: registration has not heard of the event yet.
                assert answer.status_code in {404, 409, 500, 503}, said
            assert time.monotonic() < until, f"POST {path}: {said}"
            self._ledger.repeats += 1
            if "404" in said[:3]:
                headers = {"Idempotency-Key": str(uuid4())}
            await asyncio.sleep(0.2)
