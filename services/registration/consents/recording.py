"""Writing down what a family decided, in the transaction that changes what it allows."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.audit.domain import Act
from services.registration.consents import queries
from services.registration.consents.domain import Decision, decisions
from services.registration.families.domain import Consent, Family
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
    return await _keep(session, [(family_id, each) for each in made])


async def follow_new(session: AsyncSession, families: Sequence[Family]) -> None:
    """Keep what new families decided, as `follow` does for each."""
    today = datetime.now(_BAKU).date()
    await _keep(
        session,
        [
            (family.id, decision)
            for family in families
            for decision in decisions(None, family.consent, today)
        ],
    )


async def _keep(session: AsyncSession, made: Sequence[tuple[UUID, Decision]]) -> list[UUID]:
    ids = await queries.insert_decisions(session, made, current_actor().subject)
    await audit.record_all(
        session,
        [
            Act(
                f"consent.{each.kind}",
                "consent",
                id_,
                each.reason,
                {"family_id": family_id, "purpose": each.purpose, "basis": each.basis},
            )
            for id_, (family_id, each) in zip(ids, made, strict=True)
        ],
    )
    return ids
