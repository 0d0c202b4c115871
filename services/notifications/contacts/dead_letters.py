"""A dead letter about a person who was erased since: its record keeps no message."""

import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.contacts.tables import ContactRow
from shared.messaging.dead_letters.letters import Letter
from shared.messaging.dead_letters.records import Action, forget_messages


async def forget_erased(
    session: AsyncSession, letters: Sequence[Letter], action: Action, _: str | None
) -> None:
    """Empty the messages that were just kept with their record, where they tell of the erased."""
    if action == "shown":
        return
    subjects = {subject for each in letters if (subject := _subject(each.message.body))}
    statement = select(ContactRow.person_id).where(
        ContactRow.erased, ContactRow.person_id.in_(subjects)
    )
    erased = (await session.scalars(statement)).all() if subjects else ()
    if erased:
        await forget_messages(session, [str(each) for each in erased])


def _subject(body: bytes) -> UUID | None:
    try:
        return UUID(json.loads(body)["subject"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
