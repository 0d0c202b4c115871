"""The use cases of check-ins."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.calendar import queries as calendar
from services.registration.check_in_conflicts import queries as conflicts
from services.registration.check_in_conflicts.domain import Conflict
from services.registration.check_ins import queries
from services.registration.check_ins.domain import Arrival, CheckIn, Reason, seen_elsewhere
from services.registration.check_ins.recording import Situation, look_up, record
from services.registration.check_ins.refusals import refusal, refusal_of
from shared.actors import current_actor
from shared.ids import new_id
from shared.problems import conflict, not_found

Result = Literal["recorded", "known", "conflict"]


@dataclass(frozen=True, slots=True)
class Synced:
    """What became of one check-in of a batch; `recorded` are the persons who count by it."""

    nonce: str
    result: Result
    recorded: tuple[UUID, ...]
    conflict: Conflict | None = None


async def check_in(
    session: AsyncSession, arrival: Arrival, event_id: UUID | None = None
) -> tuple[CheckIn, bool]:
    """Record that persons were there; gives the check-in, and whether it is a new one.

    A nonce that is known gives its first check-in again and changes nothing, also when both calls
    run at once. A person is recorded once, by the first check-in.
    `at` is the desk's own clock, kept as told: a tablet that goes wrong must not turn anyone away.

    Raises:
        Problem: 404, no such ticket; 409, its enrolment has no seats (any more), it was replaced or
            is for another event than `event_id`, or the nonce came with another ticket; 422, it is
            no ticket of ours, or a person has no seat by it.
    """
    [situation] = await look_up(session, [arrival], event_id)
    if situation.known is not None:
        return situation.known, False
    if situation.reason is not None:
        raise refusal_of(situation)
    if not await record(session, [situation], None) or situation.made is None:
        raise refusal("nonce-used")
    made = situation.made
    await audit.record(
        session,
        "check_in.recorded",
        "enrolment",
        made.enrolment_id,
        persons=len(made.person_ids),
        new=len(situation.new),
        event_id=made.event_id,
    )
    return made, True


async def sync_check_ins(
    session: AsyncSession, desk: str, event_id: UUID | None, arrivals: Sequence[Arrival]
) -> list[Synced]:
    """Record what a desk did without the network; gives what became of each, in its order.

    The batch counts whole or not at all, and the same batch again changes nothing. What cannot be
    recorded as it came is kept as a conflict, for a person to settle.

    Raises:
        Problem: 404, no such event; 409, another batch of the desk, or one of its nonces, is being
            recorded: the same batch may come again.
    """
    if event_id is not None and await calendar.find_event(session, event_id) is None:
        raise not_found("event")
    if not await queries.lock_desk(session, desk):
        raise conflict("still-running", "Another batch of this desk is being recorded.")
    before = await conflicts.find_conflicts(session, desk, [each.nonce for each in arrivals])
    situations = await look_up(session, arrivals, event_id)
    fresh = [each for each in situations if each.arrival.nonce not in before]
    if not await record(session, fresh, desk):
        raise refusal("nonce-used")
    synced = [
        _again(each, before[each.arrival.nonce])
        if each.arrival.nonce in before
        else _conclude(each, desk, event_id)
        for each in situations
    ]
    new = [
        each.conflict for each in synced if each.conflict is not None and each.nonce not in before
    ]
    await conflicts.insert_conflicts(session, new)
    counts = Counter[str](each.result for each in synced)
    await audit.record(
        session, "check_in.synced", "event", event_id, desk=desk, results=dict(counts)
    )
    return synced


def _again(situation: Situation, before: Conflict) -> Synced:
    known = () if situation.known is None else situation.known.person_ids
    recorded = tuple(id_ for id_ in known if id_ not in before.person_ids)
    return Synced(situation.arrival.nonce, "conflict", recorded, before)


def _conclude(situation: Situation, desk: str, event_id: UUID | None) -> Synced:
    arrival, seated = situation.arrival, situation.seated
    if situation.known is not None:
        return Synced(arrival.nonce, "known", situation.known.person_ids)
    if situation.reason is not None and not seated:
        whole = _conflict(situation, situation.reason, arrival.person_ids, desk, event_id)
        return Synced(arrival.nonce, "conflict", (), whole)
    elsewhere = seen_elsewhere(seated, situation.attendance, arrival.nonce, desk)
    recorded = tuple(id_ for id_ in seated if id_ not in elsewhere)
    if situation.unseated or elsewhere:
        reason: Reason = situation.reason or "already-checked-in"
        persons = (*situation.unseated, *elsewhere)
        rest = _conflict(situation, reason, persons, desk, event_id)
        return Synced(arrival.nonce, "conflict", recorded, rest)
    return Synced(arrival.nonce, "recorded" if situation.new else "known", recorded)


def _conflict(
    situation: Situation,
    reason: Reason,
    persons: tuple[UUID, ...],
    desk: str,
    event_id: UUID | None,
) -> Conflict:
    arrival, enrolment = situation.arrival, situation.enrolment
    return Conflict(
        id=new_id(),
        desk=desk,
        nonce=arrival.nonce,
        event_id=event_id or (None if enrolment is None else enrolment.event_id),
        enrolment_id=None if enrolment is None else enrolment.id,
        ticket=arrival.ticket,
        person_ids=persons,
        at=arrival.at,
        reason=reason,
        reported_by=current_actor().subject,
    )
