"""The use cases of the audit log."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import queries
from services.registration.audit.domain import Act, SubjectType
from shared.actors import current_actor
from shared.tracing import current_cause


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
    act = Act(action, subject_type, subject_id, reason, details)
    await queries.insert_entry(session, current_actor(), current_cause().correlation_id, act)
