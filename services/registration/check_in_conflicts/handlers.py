"""The use cases of conflicts."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.calendar import queries as calendar
from services.registration.check_in_conflicts import queries
from services.registration.check_in_conflicts.domain import Conflict, Decision, Settlement
from services.registration.check_ins import queries as check_ins
from services.registration.check_ins.domain import Arrival
from services.registration.check_ins.recording import Situation, record
from services.registration.enrolments import holding as enrolments
from shared.actors import current_actor
from shared.problems import conflict as refused
from shared.problems import not_found


async def list_conflicts(
    session: AsyncSession, event_id: UUID | None, open_only: bool, after: int, limit: int
) -> list[Conflict]:
    """Read the conflicts of one event, or of all, in the order they came.

    Raises:
        Problem: 404, no such event.
    """
    if event_id is not None and await calendar.find_event(session, event_id) is None:
        raise not_found("event")
    return await queries.list_conflicts(session, event_id, open_only, after, limit)


async def settle_conflict(
    session: AsyncSession, conflict_id: UUID, decision: Decision, reason: str
) -> Conflict:
    """Settle a conflict, once: when accepted, its persons count as having been there.

    Raises:
        Problem: 404, there is none; 409, it is settled already, or what it is about is unknown.
    """
    found = await queries.lock_conflict(session, conflict_id)
    if found is None:
        raise not_found("conflict")
    if found.settlement is not None:
        raise refused("already-settled", "This conflict is settled already.")
    if decision == "accepted":
        await _record(session, found)
    settlement = Settlement(decision, reason, current_actor().subject, datetime.now(UTC))
    await queries.settle(session, conflict_id, settlement)
    await audit.record(
        session,
        "check_in.settled",
        "check_in",
        conflict_id,
        reason=reason,
        decision=decision,
        conflict=found.reason,
    )
    return replace(found, settlement=settlement)


async def _record(session: AsyncSession, found: Conflict) -> None:
    if found.enrolment_id is None:
        raise refused("not-acceptable", "Nobody knows whose ticket this is: it can be rejected.")
    [enrolment] = await enrolments.lock_presented(session, (), (found.enrolment_id,))
    members = await check_ins.find_family_members(session, enrolment.family_id)
    if not members.issuperset(found.person_ids):
        raise refused("not-acceptable", "Some of these persons are not of the ticket's family.")
    arrival = Arrival(found.ticket, found.person_ids, f"settled {found.id}", found.at)
    await record(session, [Situation(arrival, enrolment, seated=found.person_ids)], found.desk)
