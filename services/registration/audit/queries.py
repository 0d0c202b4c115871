"""Reads and writes of the audit log."""

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit.domain import Act
from services.registration.audit.tables import AUDIT_ENTRIES
from shared.actors import Actor


async def insert_entry(session: AsyncSession, actor: Actor, correlation_id: str, act: Act) -> None:
    """Write down what an actor did; the reason of the call stands where the act has none."""
    await session.execute(
        insert(AUDIT_ENTRIES).values(
            actor=actor.subject,
            roles=sorted(actor.roles),
            address=actor.address,
            reason=act.reason or actor.reason,
            action=act.action,
            subject_type=act.subject_type,
            subject_id=act.subject_id,
            details=act.details,
            correlation_id=correlation_id,
        )
    )
