"""Writing down what a family decided, in the transaction that changes what it allows."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.consents import queries
from services.registration.consents.domain import Decision, decisions
from services.registration.families.domain import Consent
from shared.actors import current_actor

_BAKU = ZoneInfo("Asia/Baku")


async def follow(
    session: AsyncSession,
    family_id: UUID,
    before: Consent | None,
    after: Consent | None,
    decision: Decision | None = None,
) -> list[UUID]:
    """Keep each decision that led from one state to the other; gives their ids.

    `decision` is the one that was made by name; without it they are told from the states, as a
    desk types them with the family.
    """
    today = datetime.now(_BAKU).date()
    made = [decision] if decision else decisions(before, after, today)
    ids = await queries.insert_decisions(session, family_id, made, current_actor().subject)
    for id_, each in zip(ids, made, strict=True):
        await audit.record(
            session,
            f"consent.{each.kind}",
            "consent",
            id_,
            reason=each.reason,
            family_id=family_id,
            purpose=each.purpose,
            basis=each.basis,
        )
    return ids
