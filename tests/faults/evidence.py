"""What the judge looks at when all is quiet: the public API, the provider, the public queue."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import httpx

from tests.faults.ledger import Ledger
from tests.faults.provider import Provider
from tests.faults.witness import Heard, Witness
from tests.support.bodies import Body
from tests.support.desk import answered
from tests.support.waiting import eventually
from tests.system import System

_LIVE = (
    "registration.events",
    "registration.contacts",
    "notifications.contacts",
    "notifications.events",
    "notifications.enrolments",
)
_DEAD = tuple(f"{name}.dead" for name in _LIVE)
_WAITING = "SELECT count(*) FROM {}.outbox WHERE published_at IS NULL"
_UNDER_WAY = (
    "SELECT count(*) FROM notifications.notifications WHERE status IN ('pending', 'sending')"
)
_OWED = "SELECT count(*) FROM notifications.owed_notices"


@dataclass
class Evidence:
    """Everything that can be known from outside."""

    ledger: Ledger
    heard: Sequence[Heard]
    changed: Sequence[str]
    provider: Provider
    families: set[UUID]
    events: Mapping[UUID, Body]
    enrolments: Mapping[UUID, Body]
    seats: Mapping[UUID, Body]
    """Of each event that registration has heard of."""
    notifications: Mapping[tuple[UUID, UUID], Sequence[Body]]
    """By event and family."""
    unconfirmed_erasures: Sequence[UUID]
    dead: Mapping[str, int]
    doubted: set[str] = field(default_factory=set)
    """Every notification that was ever seen `unknown`."""

    @property
    def all_notifications(self) -> list[Body]:
        """All of them in one list."""
        return [each for some in self.notifications.values() for each in some]


class Doubts:
    """Watches, while the run goes on, which texts are in doubt."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.seen: set[str] = set()

    async def watch(self) -> None:
        """Look every other second, for ever."""
        names = [name for name in self._system.ports if name.startswith("notifications")]
        clients = [self._system.client(name, "auditor", seconds=5) for name in names]
        number = 0
        while True:
            await asyncio.sleep(2)
            number += 1
            try:
                self.seen |= await _unknown(clients[number % len(clients)])
            except (httpx.HTTPError, AssertionError):
                continue  # that replica is dead just now; the other one is asked next


async def becomes_quiet(system: System, seconds: float) -> list[str]:
    """Wait until nothing is under way any more; gives what still is when the time is up."""

    async def look() -> None:
        assert (left := await _left(system)) == [], left

    try:
        await eventually(look, seconds)
    except AssertionError:
        return await _left(system)
    return []


async def collect(
    system: System, ledger: Ledger, witness: Witness, provider: Provider, doubts: Doubts
) -> Evidence:
    """Ask everybody."""
    registration = system.client("registration", "registrar", "auditor", seconds=180)
    notifications = system.client("notifications", "auditor", seconds=180)
    events = system.client("events", "organiser", seconds=180)
    enrolments, seats = {}, {}
    for event_id in ledger.events:
        known = await registration.get(f"/v1/events/{event_id}/seats")
        if known.status_code == httpx.codes.NOT_FOUND:
            continue
        seats[event_id] = known.json()
        for each in await _list(registration, f"/v1/events/{event_id}/enrolments"):
            enrolments[UUID(each["id"])] = each
    by_family: dict[tuple[UUID, UUID], list[Body]] = defaultdict(list)
    for each in await _list(notifications, "/v1/notifications"):
        by_family[UUID(each["event_id"]), UUID(each["family_id"])].append(each)
    unknown = await _unknown(notifications)
    return Evidence(
        ledger=ledger,
        heard=witness.all(),
        changed=witness.changed,
        provider=provider,
        families={UUID(each["id"]) for each in await _list(registration, "/v1/families")},
        events={UUID(each["id"]): each for each in await _list(events, "/v1/events")},
        enrolments=enrolments,
        seats=seats,
        notifications=by_family,
        unconfirmed_erasures=await _unconfirmed(registration, ledger),
        dead=await _depths(system, _DEAD),
        doubted=doubts.seen | unknown,
    )


async def _unconfirmed(registration: httpx.AsyncClient, ledger: Ledger) -> list[UUID]:
    waiting = []
    for family_id, erasure in ledger.erased.items():
        now = await answered(registration.get(f"/v1/erasures/{erasure.id}"))
        if any(each["confirmed_at"] is None for each in now["confirmations"]):
            waiting.append(family_id)
    return waiting


async def _left(system: System) -> list[str]:
    left = []
    async with system.database() as database:
        for service in ("registration", "events", "notifications"):
            if waiting := await database.fetchval(_WAITING.format(service)):
                left.append(f"{waiting} messages in the outbox of {service}")
        if owed := await database.fetchval(_OWED):
            left.append(f"{owed} notices are owed")
        if under_way := await database.fetchval(_UNDER_WAY):
            left.append(f"{under_way} texts are under way")
    depths = await _depths(system, _LIVE)
    return left + [f"{many} messages in {name}" for name, many in depths.items()]


async def _depths(system: System, names: Sequence[str]) -> dict[str, int]:
    depths = {}
    async with system.broker() as channel:
        for name in names:
            queue = await channel.declare_queue(name, passive=True)
            if many := queue.declaration_result.message_count:
                depths[name] = many
    return depths


async def _unknown(notifications: httpx.AsyncClient) -> set[str]:
    found = await _list(notifications, "/v1/notifications", status="unknown")
    return {each["id"] for each in found}


async def _list(client: httpx.AsyncClient, path: str, **query: str) -> list[Body]:
    items: list[Body] = []
    asked: dict[str, str] = {"limit": "200", **query}
    while True:
        page = await answered(client.get(path, params=asked))
        items += page["items"]
        if page["next"] is None:
            return items
        asked["cursor"] = page["next"]
