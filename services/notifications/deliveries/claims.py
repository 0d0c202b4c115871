"""Claiming what is due, the attempt written down before any call, and freeing what got lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.deliveries.metrics import count_settled
from shared.tracing import Cause

_DUE = text("""
SELECT n.id, n.kind, n.names, n.language, n.channel, n.address_sealed, n.waiting_position, n.by,
    n.answer_by, n.attempts, n.correlation_id, n.causation_id, n.traceparent,
    coalesce((SELECT bool_or(c.may_notify) FROM contacts c WHERE c.person_id = ANY(n.person_ids)),
        true) AS may_notify,
    e.title, e.venue, e.starts_at, e.ends_at, e.enrolment_closes_at, e.move_reason, e.end_reason
FROM notifications n JOIN events e ON e.id = n.event_id AND e.facts_version > 0
WHERE n.status IN ('pending', 'held') AND n.due_at <= now()
ORDER BY n.priority, n.due_at, n.id
LIMIT :limit
FOR UPDATE OF n SKIP LOCKED
""")

_CLAIM = text("""
WITH claimed AS (
    UPDATE notifications n SET status = 'sending', attempts = n.attempts + 1,
        lease_until = now() + make_interval(secs => :lease), subject = t.subject, text = t.text,
        parts = t.parts, templates_version = :templates_version
    FROM unnest(CAST(:ids AS uuid[]), CAST(:subjects AS text[]), CAST(:texts AS text[]),
        CAST(:parts AS int[])) AS t(id, subject, text, parts)
    WHERE n.id = t.id
    RETURNING n.id, n.attempts
)
INSERT INTO attempts (notification_id, number) SELECT id, attempts FROM claimed
""")

_GIVE_UP = text("""
UPDATE notifications SET status = :status, reason = :reason, settled_at = now()
WHERE id = ANY(CAST(:ids AS uuid[]))
""")

_POSTPONE = text("""
UPDATE notifications SET reason = :reason, due_at = now() + make_interval(secs => :wait)
WHERE id = ANY(CAST(:ids AS uuid[]))
""")

_LOST = text("""
WITH lost AS (
    UPDATE notifications SET status = 'unknown', lease_until = NULL, reason = :reason
    WHERE id IN (
        SELECT id FROM notifications WHERE status = 'sending' AND lease_until < now()
        LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    RETURNING id, attempts
)
UPDATE attempts a SET finished_at = now(), outcome = 'unknown', reason = :reason
FROM lost WHERE a.notification_id = lost.id AND a.number = lost.attempts
""")


@dataclass(frozen=True, slots=True)
class Rendered:
    """One due notification with the text that will leave."""

    id: UUID
    channel: str
    address: str
    attempt: int
    subject: str
    text: str
    parts: int | None
    cause: Cause


async def due(session: AsyncSession, limit: int) -> Sequence[Row[tuple[object, ...]]]:
    """Lock what is due now, broadcasts last, then oldest first, with the facts that texts need."""
    return (await session.execute(_DUE, {"limit": limit})).all()


async def claim(
    session: AsyncSession, rendered: Sequence[Rendered], *, lease: float, templates_version: int
) -> None:
    """Mark notifications as being sent and write one attempt down for each."""
    if not rendered:
        return
    await session.execute(
        _CLAIM,
        {
            "ids": [each.id for each in rendered],
            "subjects": [each.subject for each in rendered],
            "texts": [each.text for each in rendered],
            "parts": [each.parts for each in rendered],
            "lease": lease,
            "templates_version": templates_version,
        },
    )


async def give_up(session: AsyncSession, ids: Sequence[UUID], status: str, reason: str) -> None:
    """Settle notifications that will never leave, saying why."""
    if ids:
        await session.execute(_GIVE_UP, {"ids": list(ids), "status": status, "reason": reason})
        count_settled(session, status, len(ids))


async def postpone(session: AsyncSession, ids: Sequence[UUID], wait: float, reason: str) -> None:
    """Leave notifications pending for some more seconds, saying why."""
    await session.execute(_POSTPONE, {"ids": list(ids), "wait": wait, "reason": reason})


async def give_up_lost(session: AsyncSession, limit: int) -> int:
    """Mark as `unknown` what was being sent when its process died; return how many."""
    reason = "the process died between the call and the answer"
    result = await session.execute(_LOST, {"reason": reason, "limit": limit})
    lost = int(getattr(result, "rowcount", 0))
    count_settled(session, "unknown", lost)
    return lost


def moment_passed(
    kind: str,
    closes_at: datetime,
    starts_at: datetime,
    ends_at: datetime,
    answer_by: datetime | None = None,
) -> datetime:
    """Tell after which moment a text of this kind is of no use to anybody."""
    if kind == "offer" and answer_by is not None:
        return answer_by
    if kind == "invitation":
        return closes_at
    return starts_at if kind == "reminder" else ends_at
