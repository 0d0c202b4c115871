"""What the registration service hears from others, and what others hear from it."""

import asyncio
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aio_pika
import httpx
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from shared.contracts.base import Contract
from shared.contracts.envelope import CONTENT_TYPE, attributes, encode
from shared.contracts.events import Audience, EventCancelled, EventPublished, Venue, Words
from tests.support.waiting import eventually
from tests.system import System

WORDS = Words(az="Səbəb", en="Reason", ru="Причина")


class Told:
    """Messages by their subject, in the order of arrival; one that comes again is the same one.

    A relay that was killed sends what it had not marked again, under the same id.
    """

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel
        self._messages: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._known: dict[str, dict[str, Any]] = {}
        self._changed: list[str] = []

    @classmethod
    async def listen(cls, channel: AbstractChannel) -> "Told":
        """Bind a queue to everything that registration tells."""
        ear = cls(channel)
        queue = await channel.declare_queue(exclusive=True)
        for exchange in ("qayidis.public", "qayidis.internal"):
            await queue.bind(exchange, "registration.#")
        await queue.consume(ear._hear)
        return ear

    async def _hear(self, message: AbstractIncomingMessage) -> None:
        envelope = json.loads(message.body)
        known = self._known.setdefault(envelope["id"], envelope)
        if known is envelope:
            self._messages[envelope["subject"]].append(envelope)
        elif known != envelope:
            self._changed.append(envelope["id"])
        await message.ack()

    def about(self, subject: str) -> list[dict[str, Any]]:
        """The messages about a subject so far, as they came."""
        assert not self._channel.is_closed, "the tests' own connection was lost"
        assert not self._changed, f"came with two contents: {self._changed}"
        return self._messages[subject]

    async def of(self, subject: str, count: int) -> list[tuple[str, int, dict[str, Any]]]:
        """Wait until that many messages are about a subject: (name, version, data) of each."""

        async def look() -> list[dict[str, Any]]:
            messages = self.about(subject)
            assert len(messages) >= count, messages
            return messages

        messages = await eventually(look, 10)
        assert len(messages) == count, messages
        return [
            (each["type"].split(".")[-2], each["subjectversion"], each["data"]) for each in messages
        ]


async def say(system: System, contract: Contract, subject: UUID, version: int) -> None:
    """Publish a message as the service that owns it would."""
    id_ = uuid4()
    context = attributes(
        id=id_,
        contract_type=contract.type(),
        source=f"/{contract.service()}",
        subject=str(subject),
        time=datetime.now(UTC),
        dataschema=contract.dataschema(),
        sequence=1,
        subject_version=version,
        correlation_id="tests",
        causation_id=None,
        traceparent=None,
    )
    message = aio_pika.Message(
        encode(context, contract.model_dump_json()),
        message_id=str(id_),
        content_type=CONTENT_TYPE,
        type=contract.type(),
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    async with system.broker() as channel:
        exchange = await channel.get_exchange(contract.exchange)
        await exchange.publish(message, contract.routing_key)


def facts(event_id: UUID, capacity: int = 60, closes_in: float = 5, **other: Any) -> dict[str, Any]:
    """The facts of an event whose enrolment closes in so many days."""
    closes = datetime.now(UTC) + timedelta(days=closes_in)
    return {
        "event_id": event_id,
        "kind": "seminar",
        "title": WORDS,
        "summary": WORDS,
        "starts_at": closes + timedelta(days=1),
        "ends_at": closes + timedelta(days=1, hours=3),
        "venue": Venue(name="Mədəniyyət Evi", district="AZ-BAR", address="Nizami 1"),
        "capacity": capacity,
        "audience": Audience(origins=["AZ-AGM"], residences=[]),
        "enrolment_closes_at": closes,
        **other,
    }


async def publish_event(
    system: System,
    registrar: httpx.AsyncClient,
    capacity: int = 60,
    closes_in: float = 5,
    **other: Any,
) -> UUID:
    """Publish an event; registration knows it when this returns."""
    event_id = uuid4()
    await say(system, EventPublished(**facts(event_id, capacity, closes_in, **other)), event_id, 1)
    await known(registrar, event_id, capacity=capacity)
    return event_id


async def cancel_event(system: System, event_id: UUID, version: int) -> None:
    """Say that an event will not be held."""
    await say(system, EventCancelled(event_id=event_id, reason=WORDS), event_id, version)


async def known(registrar: httpx.AsyncClient, event_id: UUID, **seats: int) -> None:
    """Wait until registration counts these seats."""

    async def look() -> None:
        answer = await registrar.get(f"/v1/events/{event_id}/seats")
        assert answer.status_code == 200
        counted = answer.json()
        assert {name: counted.get(name) for name in seats} == seats

    await eventually(look, 10)


async def enrol(
    registrar: httpx.AsyncClient, event_id: UUID, size: int, origin: str | None = None
) -> dict[str, Any]:
    """Register a new household of that many people and enrol it."""
    from tests.support.bodies import Place, household, place

    at = Place(origin, "AZ-BAR") if origin else place()
    family = await registrar.post("/v1/families", json=household(at, size))
    body = {"event_id": str(event_id), "family_id": family.json()["id"]}
    answer = await registrar.post("/v1/enrolments", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def blocked(system: System, count: int) -> None:
    """Wait until that many of the service's transactions wait for a lock."""

    async def look() -> None:
        async with system.database() as database:
            query = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND application_name = 'registration' AND wait_event_type = 'Lock'"
            )
            assert await database.fetchval(query) >= count

    await eventually(look, 10)


async def at_once(*calls: Any) -> list[httpx.Response]:
    """Make calls at the same time."""
    return list(await asyncio.gather(*calls))


def refused(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """Check that a call was refused for this reason and give the problem."""
    assert answer.status_code == status, answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == f"urn:qayidis:problem:{slug}"
    return problem


def wrong_fields(answer: httpx.Response) -> list[str]:
    """The fields that a 422 names."""
    problem = refused(answer, 422, "invalid")
    return [error["field"] for error in problem["errors"]]
