"""Writing into the audit log what is done to this service's dead letters."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit.domain import Act
from services.registration.audit.handlers import record_all
from shared.messaging.dead_letters.letters import Letter
from shared.messaging.dead_letters.records import Action


async def audit_dead_letters(
    session: AsyncSession, letters: Sequence[Letter], action: Action, reason: str | None
) -> None:
    """Write down each letter that is replayed, dropped or read unmasked, in one transaction."""
    acts = [
        Act(
            f"dead_letter.{action}",
            "dead_letter",
            _id(letter.told.message_id),
            reason,
            {"queue": letter.told.queue, "ref": letter.told.ref, "type": letter.told.type},
        )
        for letter in letters
    ]
    await record_all(session, acts)


def _id(message_id: str | None) -> UUID | None:
    try:
        return UUID(message_id or "")
    except ValueError:
        return None
