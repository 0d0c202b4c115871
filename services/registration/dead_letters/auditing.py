"""What else happens when this service's dead letters are moved or read: the audit log, erasure."""

import re
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit.domain import Act
from services.registration.audit.handlers import record_all
from services.registration.erasures.queries import list_erased
from shared.messaging.dead_letters.letters import Letter
from shared.messaging.dead_letters.records import Action, forget_messages

_UUID = re.compile(rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


async def audit_dead_letters(
    session: AsyncSession, letters: Sequence[Letter], action: Action, reason: str | None
) -> None:
    """Write down each letter that is replayed, dropped or read unmasked, in one transaction.

    The record of one that names somebody who was erased since keeps no message.
    """
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
    if action != "shown":
        await _forget_erased(session, letters)


async def _forget_erased(session: AsyncSession, letters: Sequence[Letter]) -> None:
    named = {UUID(each.decode()) for one in letters for each in _UUID.findall(one.message.body)}
    erased = await list_erased(session, sorted(named))
    if erased:
        await forget_messages(session, [str(each) for each in erased])


def _id(message_id: str | None) -> UUID | None:
    try:
        return UUID(message_id or "")
    except ValueError:
        return None
