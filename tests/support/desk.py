"""What staff do and what people receive, in the words of the tests."""

import json
from collections.abc import Awaitable, Iterable
from typing import Any
from uuid import uuid4

import httpx

from deploy.local.handset.receipts import sign
from tests.support.bodies import Body
from tests.support.waiting import eventually
from tests.system import System

SETTLED = {"delivered", "failed", "unknown", "expired", "superseded", "suppressed"}


class Desk:
    """The registrar and the organiser of one system, and a look into every phone."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.registration = system.client("registration", "registrar")
        self.events = system.client("events", "organiser")
        self.notifications = system.client("notifications", "auditor")
        self.handset = system.client("handset")

    async def register(self, body: Body) -> Body:
        """Register a family."""
        return await answered(self.registration.post("/v1/families", json=body, headers=_once()))

    async def publish(self, body: Body) -> Body:
        """Draft an event and publish it; registration knows of it when this returns."""
        draft = await answered(self.events.post("/v1/events", json=body, headers=_once()))
        event = await self.act(draft["id"], "publish")
        await self.event_known(event["id"])
        return event

    async def act(self, event_id: str, action: str, body: Body | None = None) -> Body:
        """Publish, reschedule, cancel or complete an event."""
        path = f"/v1/events/{event_id}/{action}"
        return await answered(self.events.post(path, json=body, headers=_once()))

    async def event_known(self, event_id: str) -> Body:
        """Wait until registration has learned of an event from the queue."""

        async def look() -> Body:
            answer = await self.registration.get(f"/v1/events/{event_id}/seats")
            assert answer.status_code == 200, answer.text
            return dict(answer.json())

        return await eventually(look)

    async def enrol(self, event_id: str, family: Body, persons: Iterable[str] = ()) -> Body:
        """Enrol a family, or some of its members."""
        body: Body = {"event_id": event_id, "family_id": family["id"]}
        if persons:
            body["person_ids"] = list(persons)
        return await answered(self.registration.post("/v1/enrolments", json=body, headers=_once()))

    async def give_up(self, enrolment: Body) -> Body:
        """Cancel an enrolment."""
        path = f"/v1/enrolments/{enrolment['id']}/cancel"
        return await answered(self.registration.post(path, headers=_once()))

    async def change(self, family: Body, changes: Body) -> Body:
        """Change a family as it was last seen."""
        headers = {"If-Match": f'"{family["version"]}"'}
        path = f"/v1/families/{family['id']}"
        return await answered(self.registration.patch(path, json=changes, headers=headers))

    async def amend(self, event_id: str, changes: Body) -> Body:
        """Change an event as it is now, but for its time."""
        path = f"/v1/events/{event_id}"
        seen = await answered(self.events.get(path))
        headers = {"If-Match": f'"{seen["version"]}"'}
        return await answered(self.events.patch(path, json=changes, headers=headers))

    async def seats(self, event_id: str) -> Body:
        """Count an event's seats."""
        return await answered(self.registration.get(f"/v1/events/{event_id}/seats"))

    async def told(self, **which: str) -> list[Body]:
        """List all notifications of an event, family or person, oldest first."""
        items: list[Body] = []
        query: dict[str, Any] = {"limit": 200, **which}
        while True:
            page = await answered(self.notifications.get("/v1/notifications", params=query))
            items += page["items"]
            if page["next"] is None:
                return items[::-1]
            query["cursor"] = page["next"]

    async def texts(self, address: str) -> list[str]:
        """Read what a phone or mailbox received, oldest first."""
        received = await answered(self.handset.get(f"/inbox/{address}"))
        return [text["text"] for text in received["texts"] if text["outcome"] == "delivered"]

    async def received(self, address: str, count: int, seconds: float = 15) -> list[str]:
        """Wait until a phone or mailbox received that many texts."""

        async def look() -> list[str]:
            texts = await self.texts(address)
            assert len(texts) == count, texts
            return texts

        return await eventually(look, seconds)

    async def receipt(self, body: Body) -> None:
        """Send a provider's receipt, rightly signed."""
        content = json.dumps(body).encode()
        signature = sign(content, self.system.around.receipt_secret)
        answer = await self.notifications.post(
            "/v1/receipts/handset", content=content, headers={"X-Signature": signature}
        )
        assert answer.status_code == 204, answer.text

    async def switch(self, address: str, mode: str, seconds: float | None = None) -> None:
        """Make a phone misbehave, or deliver again."""
        body = {"mode": mode, "seconds": seconds}
        await answered(self.handset.put(f"/behaviours/{address}", json=body))

    async def settled(self, expected: int, seconds: float = 15, **which: str) -> list[Body]:
        """Wait until so many notifications exist and none is under way; reminders wait."""

        async def look() -> list[Body]:
            items = await self.told(**which)
            open_ = [item for item in items if not _is_at_rest(item)]
            assert not open_, open_
            assert len(items) == expected, items
            return items

        return await eventually(look, seconds)


def _is_at_rest(item: Body) -> bool:
    # A mailbox sends no receipts: an e-mail stays `sent`.
    mailed = item["channel"] == "email" and item["status"] == "sent"
    return mailed or item["status"] in {*SETTLED, "held"}


async def answered(call: Awaitable[httpx.Response]) -> Body:
    """Await a call that must succeed and return its JSON."""
    answer = await call
    assert answer.is_success, f"{answer.request.method} {answer.url} {answer} {answer.text}"
    body: Body = answer.json()
    return body


def _once() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}
