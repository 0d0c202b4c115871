"""Recording arrivals, one or many, in the transaction at hand."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.check_ins import queries
from services.registration.check_ins.domain import (
    Arrival,
    Attendance,
    CheckIn,
    Reason,
    refuse,
    without_seat,
)
from services.registration.enrolments import holding as enrolments
from services.registration.enrolments.domain import Enrolment
from services.registration.families import reach
from services.registration.tickets import queries as tickets
from services.registration.tickets.keys import ticket_keys_of
from services.registration.tickets.presenting import Presented, present
from shared.contracts.registration import AttendanceRecorded
from shared.messaging.outbox import Outgoing, tell

_MANY = 20  # signatures, each about 0.1 ms: more would hold up other calls


@dataclass(slots=True)
class Situation:
    """What is known about one arrival, and what becomes of it.

    `seated` are its persons with seats, `unseated` the others; `new` those whom it recorded.
    """

    arrival: Arrival
    enrolment: Enrolment | None = None
    reason: Reason | None = None
    known: CheckIn | None = None
    seated: tuple[UUID, ...] = ()
    unseated: tuple[UUID, ...] = ()
    new: tuple[UUID, ...] = ()
    attendance: Mapping[UUID, Attendance] = field(default_factory=dict)
    made: CheckIn | None = None


async def look_up(
    session: AsyncSession, arrivals: Sequence[Arrival], event_id: UUID | None
) -> list[Situation]:
    """Find each arrival's enrolment, hold it, and tell what stands in the way.

    The locks let arrivals with one ticket through one by one, so what a nonce finds is settled.
    """
    keys = ticket_keys_of(session)
    tokens = [arrival.ticket for arrival in arrivals]
    if len(tokens) > _MANY:
        read = await asyncio.to_thread(lambda: [present(keys, each) for each in tokens])
    else:
        read = [present(keys, each) for each in tokens]
    codes = {each.code for each in read if each.code is not None}
    ids = {each.ticket.enrolment_id for each in read if each.ticket is not None}
    held = await enrolments.lock_presented(session, codes, ids)
    found = await _find(session, held, codes, ids)
    reached = await reach.reached(session, {each.family_id for each in found.enrolments()})
    known = await queries.find_check_ins(session, [arrival.nonce for arrival in arrivals])
    situations = []
    for arrival, presented in zip(arrivals, read, strict=True):
        situation = Situation(arrival, reason=presented.fault, known=known.get(arrival.nonce))
        enrolment, is_revoked = found.whose(presented)
        # Another district's ticket is one that this desk does not know.
        situation.enrolment = enrolment if enrolment and enrolment.family_id in reached else None
        _judge(situation, is_revoked, event_id)
        situations.append(situation)
    return situations


async def record(session: AsyncSession, situations: Sequence[Situation], desk: str | None) -> bool:
    """Record whoever may come in, once a person and event, and tell it.

    False when a nonce was taken by a call that still runs: the caller must undo everything.
    """
    coming = [each for each in situations if each.known is None and each.seated]
    await queries.record_attendance(
        session,
        (
            (_of(each), person_id, each.arrival.at, each.arrival.nonce)
            for each in coming
            for person_id in each.seated
        ),
    )
    attendance = await queries.find_attendance(
        session,
        {_of(each).event_id for each in coming},
        {id_ for each in coming for id_ in _of(each).person_ids},
        {each.arrival.nonce: desk for each in coming},
    )
    for each in coming:
        _conclude(each, attendance.get(_of(each).event_id, {}))
    made = [each.made for each in coming if each.made is not None]
    if not await queries.insert_check_ins(session, made, desk):
        return False
    await _tell(session, [each for each in coming if each.new])
    return True


@dataclass(frozen=True, slots=True)
class _Found:
    """The enrolments of tickets; `spent` are short codes that others have replaced."""

    by_code: Mapping[str | None, Enrolment]
    by_id: Mapping[UUID, Enrolment]
    spent: Mapping[str | None, Enrolment]
    revoked: Mapping[UUID, tickets.Revoked]

    def enrolments(self) -> list[Enrolment]:
        """All of them."""
        return [*self.by_id.values(), *self.spent.values()]

    def whose(self, presented: Presented) -> tuple[Enrolment | None, bool]:
        """Tell whose ticket was presented, and whether it was revoked."""
        ticket, code = presented.ticket, presented.code
        if ticket is None:
            return self.by_code.get(code) or self.spent.get(code), code in self.spent
        last = self.revoked.get(ticket.enrolment_id)
        is_revoked = last is not None and ticket.serial <= last.serial
        return self.by_id.get(ticket.enrolment_id), is_revoked


async def _find(
    session: AsyncSession, held: Sequence[Enrolment], codes: set[str], ids: set[UUID]
) -> _Found:
    by_code: dict[str | None, Enrolment] = {each.ticket: each for each in held}
    missing = codes - by_code.keys()
    spent = await tickets.find_revoked_codes(session, missing) if missing else {}
    replaced = await enrolments.find_enrolments(session, set(spent.values())) if spent else {}
    return _Found(
        by_code,
        {each.id: each for each in held},
        {code: replaced[enrolment_id] for code, enrolment_id in spent.items()},
        await tickets.find_revoked(session, ids) if ids else {},
    )


def _judge(situation: Situation, is_revoked: bool, event_id: UUID | None) -> None:
    enrolment, arrival, known = situation.enrolment, situation.arrival, situation.known
    if situation.reason is not None:
        situation.known = None
        return
    if enrolment is None:
        situation.reason, situation.known = "ticket-unknown", None
        return
    if known is not None and known.enrolment_id != enrolment.id:
        situation.reason, situation.known = "nonce-used", None
        return
    if known is not None:
        return
    situation.reason = refuse(enrolment, is_revoked, event_id)
    if situation.reason is not None:
        return
    situation.unseated = without_seat(enrolment.person_ids, arrival.person_ids)
    situation.seated = tuple(id_ for id_ in arrival.person_ids if id_ not in situation.unseated)
    if situation.unseated:
        situation.reason = "not-enrolled"


def _conclude(situation: Situation, attendance: Mapping[UUID, Attendance]) -> None:
    arrival, enrolment = situation.arrival, _of(situation)
    situation.attendance = attendance
    situation.new = tuple(id_ for id_ in situation.seated if attendance[id_].nonce == arrival.nonce)
    situation.made = CheckIn(
        nonce=arrival.nonce,
        enrolment_id=enrolment.id,
        event_id=enrolment.event_id,
        family_id=enrolment.family_id,
        person_ids=situation.seated,
        at=arrival.at,
        attended=tuple(id_ for id_ in enrolment.person_ids if id_ in attendance),
    )


async def _tell(session: AsyncSession, recorded: Sequence[Situation]) -> None:
    if not recorded:
        return
    times = Counter(_of(each).id for each in recorded)
    versions = await enrolments.count_up(session, times)
    outgoing = []
    for each in recorded:
        enrolment = _of(each)
        times[enrolment.id] -= 1
        data = AttendanceRecorded(
            event_id=enrolment.event_id,
            family_id=enrolment.family_id,
            person_ids=[id_ for id_ in enrolment.person_ids if id_ in each.new],
            origin_district=enrolment.origin_district,
            at=each.arrival.at,
        )
        version = versions[enrolment.id] - times[enrolment.id]
        outgoing.append(Outgoing(data, enrolment.id, version))
    await tell(session, *outgoing)


def _of(situation: Situation) -> Enrolment:
    if situation.enrolment is None:
        raise AssertionError("only a seated arrival has got here")
    return situation.enrolment
