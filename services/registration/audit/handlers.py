"""The use cases of the audit log."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import queries
from services.registration.audit.chain import place
from services.registration.audit.domain import Act, Head, Placed, SubjectType, Wanted
from shared.actors import current_actor
from shared.contracts.registration import AuditHeadPublished
from shared.messaging.outbox import Outgoing, tell
from shared.problems import Problem, invalid
from shared.tracing import current_cause

BAKU = ZoneInfo("Asia/Baku")
STRAGGLERS = timedelta(minutes=1)
"""How long after its end a day waits for what was still under way; then it has its head."""

LOG = uuid5(NAMESPACE_URL, "urn:qayidis:audit-log")
"""What the heads are told about: the log itself, which is one."""


async def record(
    session: AsyncSession,
    action: str,
    subject_type: SubjectType,
    subject_id: UUID | None,
    *,
    reason: str | None = None,
    **details: Any,
) -> None:
    """Write down what the current actor does, in the transaction that does it.

    `action` is `<thing>.<past verb>`, such as `family.read`. `reason` is what was typed for this
    act, else the one that came with the call. Details never hold a name, FIN, phone or address.
    """
    await record_all(session, [Act(action, subject_type, subject_id, reason, details)])


async def record_all(session: AsyncSession, acts: Sequence[Act]) -> None:
    """Write down several acts of the current actor, as `record` does one."""
    if not acts:
        return
    await queries.insert_entries(session, current_actor(), current_cause().correlation_id, acts)


async def search(
    session: AsyncSession, wanted: Wanted, before: int | None, limit: int
) -> list[Placed]:
    """Read the log, the newest first; that it was searched, and for what, is written down."""
    found = await queries.list_entries(session, wanted, before, limit)
    await record(session, "audit.searched", "audit", None, wanted=wanted.named())
    return found


async def seal_waiting(session: AsyncSession, limit: int) -> int:
    """Give committed entries their place in the chain; return how many that were.

    One transaction at a time does it, so that places have no gap; while another one does, this
    one does nothing. What is committed late is simply placed later.
    """
    if not await queries.take_chain(session):
        return 0
    entries = await queries.list_waiting(session, limit)
    if entries:
        seals = place(entries, await queries.last_seal(session))
        await queries.insert_seals(session, seals)
    return len(entries)


async def publish_head(session: AsyncSession) -> Head | None:
    """Publish the head of the day that ended last, once; None when there is nothing to publish.

    A day on which no process ran has no head of its own: a later one covers it.
    """
    if not await queries.take_chain(session):
        return None
    moment = (await queries.now(session)).astimezone(BAKU) - STRAGGLERS
    day = moment.date() - timedelta(days=1)
    if await queries.find_head(session, day) is not None:
        return None
    seal = await queries.last_seal(session)
    if seal is None:
        return None
    head = Head(day, seal.position, seal.digest)
    await queries.insert_head(session, head)
    told = AuditHeadPublished(day=day, position=head.position, digest=head.digest.hex())
    await tell(session, Outgoing(told, LOG, await queries.count_heads(session)))
    return head


def bad_day() -> Problem:
    """The answer to a day that no calendar has the next one of."""
    return invalid("last", "must be before 2100")


async def list_heads(session: AsyncSession, before: date | None, limit: int) -> list[Head]:
    """Read the published heads, the newest first."""
    return await queries.list_heads(session, before, limit)
