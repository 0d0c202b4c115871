"""What becomes of enrolments when two registrations of people are made one, and back."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.calendar import queries as calendar
from services.registration.calendar.domain import Event
from services.registration.enrolments import contracts, people
from services.registration.enrolments.domain import CancelledBy, Enrolment, Status
from services.registration.waiting_list import queries as waiting_list
from services.registration.waiting_list import walking
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class Held:
    """What a merge changes of an enrolment."""

    family_id: UUID
    person_ids: tuple[UUID, ...]
    status: Status
    cancelled_by: CancelledBy | None


Step = dict[str, Any]
"""One change of one enrolment: its id, and what it held before and after."""


async def merge_enrolments(
    session: AsyncSession, persons: Mapping[UUID, UUID], families: Mapping[UUID, UUID]
) -> list[Step]:
    """Let enrolments name the kept persons and families; gives the way back.

    Where both families have seats, or both wait, at one event, the kept one's enrolment names all
    and the other is cancelled; where one has seats and the other waits, that place is given up.
    Nobody is counted twice, so seats become free and go to whoever waits.
    """
    steps: list[Step] = []
    concerned = await people.list_of(session, persons=persons, families=families)
    for event_id in sorted({each.event_id for each in concerned}):
        event = await calendar.lock_event(session, event_id)
        of_event = await people.list_of(
            session, persons=persons, families=families, event_id=event_id
        )
        wanted = _merged(of_event, persons, families)
        steps += await _write(session, event, of_event, wanted)
    return steps


async def unmerge_enrolments(session: AsyncSession, steps: Iterable[Step]) -> None:
    """Undo `merge_enrolments`, where nobody changed an enrolment since.

    Who was cancelled by the merge has seats again if there are any, and waits otherwise.
    """
    back = {UUID(step["id"]): step for step in steps}
    known = {each.id: each for each in await people.read_all(session, list(back))}
    for event_id in sorted({each.event_id for each in known.values()}):
        event = await calendar.lock_event(session, event_id)
        of_event = [
            each
            for each in await people.read_all(session, list(back))
            if each.event_id == event_id and _held(each) == _read(back[each.id]["after"])
        ]
        wanted = {each.id: _read(back[each.id]["before"]) for each in of_event}
        await _write(session, event, of_event, wanted)


def _merged(
    enrolments: Iterable[Enrolment], persons: Mapping[UUID, UUID], families: Mapping[UUID, UUID]
) -> dict[UUID, Held]:
    """Decide what each enrolment of one event holds afterwards."""
    wanted = {each.id: _renamed(each, persons, families) for each in enrolments}
    active: dict[UUID, UUID] = {}
    for each in sorted(enrolments, key=lambda each: (each.family_id in families, each.entry)):
        held = wanted[each.id]
        if held.status == "cancelled":
            continue
        first = active.setdefault(held.family_id, each.id)
        if first == each.id:
            continue
        keep, give_up = (first, each.id)
        if wanted[first].status == "waitlisted" and held.status == "confirmed":
            keep, give_up = give_up, keep
            active[held.family_id] = keep
        if wanted[keep].status == wanted[give_up].status:
            together = (*wanted[keep].person_ids, *wanted[give_up].person_ids)
            wanted[keep] = _with(wanted[keep], tuple(dict.fromkeys(together)))
        lost = wanted[give_up]
        wanted[give_up] = Held(lost.family_id, lost.person_ids, "cancelled", "staff")
    return wanted


async def _write(
    session: AsyncSession,
    event: Event | None,
    enrolments: Iterable[Enrolment],
    wanted: Mapping[UUID, Held],
) -> list[Step]:
    """Write what changes, those first that free seats, and tell it while the event is to come."""
    to_come = event is not None and event.promotes(datetime.now(UTC))
    steps: list[Step] = []
    changes = [(each, wanted[each.id]) for each in enrolments if _held(each) != wanted[each.id]]
    for enrolment, held in sorted(changes, key=lambda change: _seats_more(*change)):
        allowed = held
        if event is not None and to_come and _seats_more(enrolment, held) > 0:
            fullness = await waiting_list.read_fullness(session, event)
            if _seats_more(enrolment, held) > fullness.free:
                allowed = _waiting(enrolment, held)
        if enrolment.offer_expires_at is not None:
            # Seats were kept for those it named before; the walk below may offer anew.
            await walking.withdraw_offer(session, enrolment.id)
        after = await people.rewrite(
            session,
            enrolment.id,
            family_id=allowed.family_id,
            person_ids=allowed.person_ids,
            status=allowed.status,
            cancelled_by=allowed.cancelled_by,
        )
        steps.append({"id": enrolment.id, "before": _held(enrolment), "after": allowed})
        if to_come:
            await tell(session, contracts.rewritten(enrolment, after))
    if event is not None and to_come:
        await walking.walk_waiting(session, event, "registrations_merged", new_round=True)
    return [
        {"id": step["id"], "before": asdict(step["before"]), "after": asdict(step["after"])}
        for step in steps
    ]


def _seats_more(enrolment: Enrolment, held: Held) -> int:
    before = enrolment.seats if enrolment.status == "confirmed" else 0
    return (len(held.person_ids) if held.status == "confirmed" else 0) - before


def _waiting(enrolment: Enrolment, held: Held) -> Held:
    """What is left when there are no more seats: the seats there are, else a place that waits."""
    if enrolment.status == "confirmed":
        return Held(held.family_id, enrolment.person_ids, "confirmed", None)
    return Held(held.family_id, held.person_ids, "waitlisted", None)


def _renamed(
    enrolment: Enrolment, persons: Mapping[UUID, UUID], families: Mapping[UUID, UUID]
) -> Held:
    renamed = tuple(dict.fromkeys(persons.get(each, each) for each in enrolment.person_ids))
    family_id = families.get(enrolment.family_id, enrolment.family_id)
    return Held(family_id, renamed, enrolment.status, enrolment.cancelled_by)


def _held(enrolment: Enrolment) -> Held:
    return Held(enrolment.family_id, enrolment.person_ids, enrolment.status, enrolment.cancelled_by)


def _with(held: Held, person_ids: tuple[UUID, ...]) -> Held:
    return Held(held.family_id, person_ids, held.status, held.cancelled_by)


def _read(held: Mapping[str, Any]) -> Held:
    return Held(
        UUID(str(held["family_id"])),
        tuple(UUID(str(each)) for each in held["person_ids"]),
        held["status"],
        held["cancelled_by"],
    )
