"""The use cases of consents."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.consents import domain, queries
from services.registration.consents.domain import Channel, Decision, Recorded
from services.registration.families import handlers as families
from services.registration.families import queries as family_queries
from services.registration.families.domain import Consent, Family, Purpose
from services.registration.history.domain import CORRECTED
from shared.problems import conflict, not_found

BAKU = ZoneInfo("Asia/Baku")


async def give(session: AsyncSession, family_id: UUID, given: Decision) -> Recorded:
    """Record that a family allows something, or on which other basis it is done.

    Raises:
        Problem: 404, there is no such family; 409, it went into another one.
    """
    family = await _lock(session, family_id)
    return await _decide(session, family, given, domain.allowing(family.consent, given))


async def withdraw(
    session: AsyncSession,
    family_id: UUID,
    purpose: Purpose,
    reason: str,
    channel: Channel = "desk",
) -> Recorded:
    """Record that a family takes something back; it takes effect with the commit, everywhere.

    Raises:
        Problem: 404, there is no such family; 409, it went into another one, or did not allow it.
    """
    family = await _lock(session, family_id)
    latest = await queries.find_latest(session, family_id, purpose)
    if latest is None or latest.decision.kind != "given":
        raise conflict("not-given", "There is no consent to this purpose that could be withdrawn.")
    return await _end(
        session,
        family,
        latest,
        Decision(purpose, "withdrawn", latest.decision.basis, None, today(), None, channel, reason),
    )


async def expire_ended(session: AsyncSession, limit: int) -> int:
    """End consents that are past their validity; return how many that were."""
    ended = await queries.list_ended(session, today(), limit)
    for family_id, purpose in ended:
        family = await family_queries.lock_family(session, family_id)
        latest = await queries.find_latest(session, family_id, purpose)
        if family is None or latest is None or latest.decision.kind != "given":
            continue
        given = latest.decision
        await _end(
            session,
            family,
            latest,
            replace(given, kind="expired", given_by=None, decided_on=given.valid_until or today()),
        )
    return len(ended)


async def get_receipt(
    session: AsyncSession, family_id: UUID, consent_id: UUID
) -> tuple[Recorded, Family]:
    """Read a decision and whose it is, for the document that the family keeps.

    Raises:
        Problem: 404, there is no such decision of this family.
    """
    recorded = await queries.find(session, family_id, consent_id)
    family = await family_queries.find_family(session, family_id)
    if recorded is None or family is None:
        raise not_found("consent")
    await audit.record(session, "consent.receipt_read", "consent", consent_id, family_id=family_id)
    return recorded, family


async def list_decisions(
    session: AsyncSession, family_id: UUID, before: int | None, limit: int
) -> list[Recorded]:
    """Read all that a family decided, the newest first.

    Raises:
        Problem: 404, there is no such family.
    """
    if await family_queries.find_family(session, family_id) is None:
        raise not_found("family")
    await audit.record(session, "consent.listed", "family", family_id)
    return await queries.list_decisions(session, family_id, before, limit)


async def list_standing(session: AsyncSession, family_id: UUID) -> list[Recorded]:
    """Read what a family decided last on each purpose; of a family that was read already."""
    return await queries.list_standing(session, family_id)


async def _end(
    session: AsyncSession, family: Family, latest: Recorded, decision: Decision
) -> Recorded:
    left = domain.without(family.consent, latest.decision.purpose)
    return await _decide(session, family, decision, left)


async def _decide(
    session: AsyncSession, family: Family, decision: Decision, consent: Consent | None
) -> Recorded:
    wanted = replace(family, consent=consent)
    change = replace(CORRECTED, reason=decision.reason)
    await families.save_change(session, family, wanted, change, decision=decision)
    recorded = await queries.find_latest(session, family.id, decision.purpose)
    if recorded is None:
        raise LookupError("a decision that was just written is not there")
    return recorded


async def _lock(session: AsyncSession, family_id: UUID) -> Family:
    family = await family_queries.lock_family(session, family_id)
    if family is None:
        raise not_found("family")
    families.check_open(family)
    return family


def today() -> date:
    """Tell the day in Baku."""
    return datetime.now(BAKU).date()
