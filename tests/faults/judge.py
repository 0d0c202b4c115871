"""What must be true afterwards, found out by the judge's own look at every place."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cloudevents.core.base import BaseCloudEvent

from services.notifications.contacts.sealed import open_address
from tests.faults.ledger import Ledger
from tests.faults.load import CAPACITY, FAMILIES, PEOPLE_A_FAMILY, Load
from tests.support.bodies import Body
from tests.support.desk import answered
from tests.support.outside import Ear
from tests.support.waiting import eventually
from tests.system import System

_QUIET = """
SELECT count(*) FROM notifications.notifications
WHERE status IN ('pending', 'sending', 'sent')
"""
_LIVE = (
    "registration.events",
    "registration.contacts",
    "notifications.contacts",
    "notifications.events",
    "notifications.enrolments",
)
QUEUES = (*_LIVE, *(f"{name}.dead" for name in _LIVE))

_WAITING = "SELECT count(*) FROM {}.outbox WHERE published_at IS NULL"
_UNCLEAR = timedelta(seconds=1)
"""A family registered so close to an event's publishing may or may not be invited."""


async def becomes_quiet(system: System, seconds: float = 60) -> None:
    """Wait until every outbox is empty, every queue read, and every text settled."""

    async def look() -> None:
        async with system.database() as database:
            for service in ("registration", "events", "notifications"):
                assert await database.fetchval(_WAITING.format(service)) == 0, f"{service} outbox"
            assert await queued(system) == {}
            assert await database.fetchval("SELECT count(*) FROM notifications.owed_notices") == 0
            assert await database.fetchval(_QUIET) == 0, "notifications"

    await eventually(look, seconds)


async def queued(system: System) -> dict[str, int]:
    """Count what waits in each of our queues, dead letters too; empty queues are left out."""
    waiting: dict[str, int] = {}
    async with system.broker() as channel:
        for name in QUEUES:
            queue = await channel.declare_queue(name, passive=True)
            if queue.declaration_result.message_count:
                waiting[name] = queue.declaration_result.message_count
    return waiting


async def everything_acknowledged_is_there_once(system: System, load: Load, ledger: Ledger) -> None:
    """Compare the ledger with registration's own tables."""
    assert len(ledger.families) == len(ledger.enrolments) == FAMILIES
    async with system.database() as database:
        families = await database.fetch(
            "SELECT id FROM registration.families "
            "WHERE origin_district = $1 AND residence_district = $2",
            load.at.origin,
            load.at.residence,
        )
        enrolments = await database.fetch(
            "SELECT id, status, seats FROM registration.enrolments WHERE event_id = $1",
            UUID(load.event_id),
        )
    assert {row["id"] for row in families} == set(ledger.families)
    assert {row["id"]: row["status"] for row in enrolments} == {
        id_: enrolment["status"] for id_, enrolment in ledger.enrolments.items()
    }
    confirmed = sum(row["seats"] for row in enrolments if row["status"] == "confirmed")
    assert confirmed == CAPACITY, "seats oversold, or left free while families wait"
    assert all(row["seats"] == PEOPLE_A_FAMILY for row in enrolments)


async def every_phone_has_its_texts_and_none_twice(
    system: System, load: Load, ledger: Ledger
) -> int:
    """Compare each phone with what it must have; return how many texts are in doubt."""
    inbox = await answered(system.client("handset").get("/inbox"))
    phones = {each["address"]: each["texts"] for each in inbox["items"]}
    known = await _notifications(system, [load.event_id, *map(str, ledger.events)])
    enrolled = {enrolment["family_id"]: enrolment for enrolment in ledger.enrolments.values()}
    doubtful = 0
    for phone, family in ledger.phones.items():
        expected = _expected(load, ledger, family, enrolled[family["id"]])
        rows = known[phone]
        kinds = Counter((row["kind"], str(row["event_id"])) for row in rows)
        for what, allowed in expected.items():
            assert kinds.pop(what, 0) in allowed, (phone, what, rows)
        assert not kinds, (phone, kinds)
        doubtful += _check_phone(phone, rows, phones.get(phone, []))
    return doubtful


def _check_phone(phone: str, rows: Sequence[Any], texts: Sequence[Body]) -> int:
    """Each notification delivered is in the phone once; one in doubt at most once."""
    there = Counter(text["id"] for text in texts)
    assert set(there) <= {str(row["id"]) for row in rows}, phone
    assert all(text["times_posted"] == 1 for text in texts), (phone, texts)
    for row in rows:
        assert row["status"] in {"delivered", "unknown"}, dict(row)
        at_least = 1 if row["status"] == "delivered" else 0
        assert at_least <= there[str(row["id"])] <= 1, (phone, dict(row))
    return sum(row["status"] == "unknown" for row in rows)


def _expected(
    load: Load, ledger: Ledger, family: Body, enrolment: Body
) -> dict[tuple[str, str], set[int]]:
    told = "confirmation" if enrolment["status"] == "confirmed" else "waiting"
    expected = {(told, load.event_id): {1}}
    registered = datetime.fromisoformat(family["created_at"])
    for event in ledger.events.values():
        published = datetime.fromisoformat(event["published_at"])
        near = abs(registered - published) < _UNCLEAR
        counts = {0, 1} if near else {1} if registered < published else {0}
        expected["invitation", event["id"]] = counts
    return expected


async def _notifications(system: System, events: Sequence[str]) -> dict[str, list[Any]]:
    """Read what was to leave, by address; reminders wait for their day."""
    by_phone: dict[str, list[Any]] = defaultdict(list)
    sealer = system.sealer("notifications")
    async with system.database() as database:
        rows = await database.fetch(
            "SELECT id, kind, event_id, address_sealed, status, attempts "
            "FROM notifications.notifications "
            "WHERE event_id = ANY($1::uuid[]) AND kind <> 'reminder'",
            list(events),
        )
    for row in rows:
        by_phone[open_address(sealer, row["address_sealed"])].append(row)
    return by_phone


async def outside_missed_nothing(ear: Ear, load: Load, ledger: Ledger) -> None:
    """Prove by `sequence` that an outside system got every message, and each with one content."""

    async def look() -> None:
        told = [_data(event) for event in ear.events()]
        enrolments = Counter(
            UUID(data["enrolment_id"]) for data in told if data.get("event_id") == load.event_id
        )
        assert enrolments == Counter(ledger.enrolments.keys())
        families = Counter(
            UUID(data["family_id"])
            for data in told
            if data.get("residence") == {"district": load.at.residence}
            and data["origin"]["district"] == load.at.origin
        )
        assert families == Counter(ledger.families.keys())

    await eventually(look)
    ear.check_gapless()


def _data(event: BaseCloudEvent) -> dict[str, Any]:
    data = event.get_data()
    assert isinstance(data, dict)
    return data
