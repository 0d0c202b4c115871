"""Recording what attempts came to, many in one transaction, and what receipts say."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import structlog
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.channels.base import Accepted, Doubt, Outcome, Refused, TryLater
from services.notifications.contacts.queries import next_unreachable_versions
from services.notifications.deliveries.metrics import count_settled
from shared.contracts.notifications import ContactUnreachable
from shared.messaging.outbox import Outgoing, tell
from shared.spans import INTERNAL, span
from shared.tracing import Cause, new_cause, working_for

log = structlog.get_logger()

# A receipt may have settled the notification already: then only what is still open is noted. One
# that was taken for lost meanwhile is no doubt any more.
_RECORD = text("""
WITH came AS (
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS int[]), CAST(:statuses AS text[]),
        CAST(:outcomes AS text[]), CAST(:reasons AS text[]), CAST(:references AS text[]),
        CAST(:waits AS float8[]))
        AS t(id, number, status, outcome, reason, reference, wait)
), tried AS (
    UPDATE attempts a SET finished_at = now(), outcome = came.outcome, reason = came.reason
    FROM came WHERE a.notification_id = came.id AND a.number = came.number
)
UPDATE notifications n SET
    status = CASE WHEN n.status IN ('sending', 'unknown') THEN came.status ELSE n.status END,
    reason = CASE WHEN n.status IN ('sending', 'unknown') THEN came.reason ELSE n.reason END,
    reference = coalesce(came.reference, n.reference),
    sent_at = CASE WHEN came.outcome = 'accepted' THEN coalesce(n.sent_at, now())
        ELSE n.sent_at END,
    settled_at = CASE WHEN n.status IN ('sending', 'unknown') AND came.status = 'failed' THEN now()
        ELSE n.settled_at END,
    due_at = CASE WHEN came.status = 'pending' THEN now() + make_interval(secs => came.wait)
        ELSE n.due_at END,
    lease_until = NULL
FROM came WHERE n.id = came.id AND n.attempts = came.number
    AND n.status IN ('sending', 'sent', 'delivered', 'failed', 'unknown')
RETURNING n.id, n.status, n.settled_at IS NOT DISTINCT FROM now() AS settled, n.channel,
    n.person_ids, came.outcome, came.reason, n.correlation_id, n.traceparent
""")

_COLUMNS = ("ids", "numbers", "statuses", "outcomes", "reasons", "references", "waits")

_SETTLE = text("""
UPDATE notifications SET status = :status, settled_at = :at, lease_until = NULL,
    reference = coalesce(reference, :reference), reason = :reason,
    sent_at = coalesce(sent_at, :at)
WHERE id = :id
    AND (status IN ('sending', 'sent', 'unknown') OR status = 'pending' AND attempts > 0)
RETURNING channel, person_ids, correlation_id, traceparent
""")

_KNOWN = text("SELECT status FROM notifications WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One finished attempt."""

    notification_id: UUID
    number: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a temporary failure is tried again, and how long between (seconds)."""

    attempts: int
    backoff_first: float
    backoff_last: float

    def wait(self, number: int, asked: float | None) -> float:
        """Seconds until the next try: doubling, or what the provider asks where that is longer."""
        own: float = min(self.backoff_first * 2 ** (number - 1), self.backoff_last)
        return own if asked is None else max(own, min(asked, self.backoff_last))


async def record(session: AsyncSession, attempts: Sequence[Attempt], patience: Patience) -> None:
    """Note what attempts came to; tells of every person who cannot be reached for good."""
    columns = [_columns(attempt, patience) for attempt in attempts]
    names = ("ids", "numbers", "statuses", "outcomes", "reasons", "references", "waits")
    values = {
        name: list(column) for name, column in zip(names, zip(*columns, strict=True), strict=True)
    }
    rows = (await session.execute(_RECORD, values)).all()
    for status, many in Counter(map(_made_of, rows)).items():
        count_settled(session, status, many)
    for row in rows:
        if row.outcome == "refused" and row.status == "failed":
            with working_for(_cause(row)):
                await _tell_unreachable(session, row, row.reason)


async def settle(
    session: AsyncSession,
    notification_id: UUID,
    *,
    status: Literal["delivered", "failed"],
    reference: str | None,
    reason: str | None,
    at: datetime,
) -> bool:
    """Settle a notification by its receipt, also while its call is not answered yet.

    A second receipt changes nothing. Returns False for a notification that does not exist.
    """
    values = {
        "id": notification_id,
        "status": status,
        "reference": reference,
        "reason": reason,
        "at": at,
    }
    row = (await session.execute(_SETTLE, values)).one_or_none()
    if row is None:
        return await session.scalar(_KNOWN, {"id": notification_id}) is not None
    count_settled(session, status)
    # Of the trace of what was sent, not of the provider's call.
    told = {"qayidis.notification.id": str(notification_id)}
    with span(f"receipt {status}", INTERNAL, _cause(row), told):
        log.debug("receipt_taken", id=str(notification_id), status=status)
        if status == "failed":
            await _tell_unreachable(session, row, reason or "not delivered")
    return True


def _cause(row: Row[Any]) -> Cause:
    return new_cause(correlation_id=row.correlation_id, traceparent=row.traceparent)


def _made_of(row: Row[Any]) -> str | None:
    # A receipt may have come first, and was counted then.
    if row.outcome == "unknown" and row.status == "unknown":
        return "unknown"
    return "failed" if row.settled and row.status == "failed" else None


def _columns(attempt: Attempt, patience: Patience) -> tuple[object, ...]:
    status, outcome, reason, reference, wait = _verdict(attempt, patience)
    return attempt.notification_id, attempt.number, status, outcome, reason, reference, wait


def _verdict(
    attempt: Attempt, patience: Patience
) -> tuple[str, str, str | None, str | None, float]:
    match attempt.outcome:
        case Accepted(reference):
            return "sent", "accepted", None, reference, 0.0
        case Refused(reason):
            return "failed", "refused", reason, None, 0.0
        case Doubt(reason):
            return "unknown", "unknown", reason, None, 0.0
        case TryLater(reason, after) if attempt.number < patience.attempts:
            return "pending", "later", reason, None, patience.wait(attempt.number, after)
        case TryLater(reason):
            told = f"{reason}; given up after {attempt.number} attempts"
            return "failed", "later", told, None, 0.0


async def _tell_unreachable(session: AsyncSession, row: Row[Any], reason: str) -> None:
    versions = await next_unreachable_versions(session, row.person_ids)
    await tell(
        session,
        *(
            Outgoing(
                ContactUnreachable.model_validate(
                    {"person_id": person, "channel": row.channel, "reason": reason}
                ),
                person,
                version,
            )
            for person, version in sorted(versions.items())
        ),
    )
