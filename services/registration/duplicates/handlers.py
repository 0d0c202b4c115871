"""The use cases of duplicates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.duplicates import queries
from services.registration.duplicates.blocks import records_of, stored
from services.registration.duplicates.cases import Case, Finding, finding_of
from services.registration.duplicates.domain import Decision, State
from services.registration.duplicates.finding import Alike, find_alike
from services.registration.families.domain import Family
from services.registration.search.indexing import index_families
from shared.actors import current_actor
from shared.ids import new_id
from shared.problems import conflict, not_found
from shared.sealing import sealer_of


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A case and both families; one that is not there any more is None."""

    case: Case
    families: tuple[Family | None, Family | None]


@dataclass(frozen=True, slots=True)
class Named:
    """A case with the names of the first persons it is about, and who looks at it now."""

    case: Case
    names: list[str]
    held: str | None


async def check(session: AsyncSession, wanted: Sequence[Family]) -> list[list[Alike]]:
    """Find, for each family that is not written yet, who of it is likely registered already.

    A family that is registered under the same id is not compared with itself as it was. For many
    families at once, hand them over together: it costs two statements however many they are.
    """
    found = await find_alike(session, wanted)
    return [list(each) for each in found]


async def compare_next(session: AsyncSession, most: int) -> int:
    """Compare the families that wait for it with all others, and open, mend and lapse cases.

    Gives how many were compared. Nothing is opened again that a person dismissed, unless what was
    compared has changed.
    """
    ids = await queries.take_comparisons(session, most)
    if not ids:
        return 0
    written = list((await queries.read_families(session, ids)).values())
    await index_families(session, written)
    records = [record for family in written for record in records_of(sealer_of(session), family)]
    await queries.write_blocks(session, {each.person_id: stored(each) for each in records})
    found = {
        finding.families: finding
        for alike in await find_alike(session, written)
        for each in alike
        for finding in [finding_of(sealer_of(session), each.likenesses, each.records)]
    }
    await _settle(session, ids, found)
    return len(ids)


async def list_cases(
    session: AsyncSession,
    state: State,
    family_id: UUID | None,
    after: tuple[float, UUID] | None,
    limit: int,
) -> list[Case]:
    """Read cases, of one family or of all, the likeliest first."""
    return await queries.list_cases(session, state, family_id, after, limit)


async def list_named(
    session: AsyncSession, state: State, after: tuple[float, UUID] | None, limit: int
) -> list[Named]:
    """Read cases as `list_cases` of all families, with the names of whom each is about."""
    cases = await queries.list_cases(session, state, None, after, limit)
    first = {UUID(pair["persons"][0]) for case in cases for pair in case.pairs[:3]}
    rows = await queries.names_of(session, first)
    names = {str(row.id): f"{row.family_name} {row.given_name}" for row in rows}
    now = datetime.now(UTC)
    return [
        Named(
            case,
            [names[id_] for pair in case.pairs[:3] if (id_ := pair["persons"][0]) in names],
            case.holder(now),
        )
        for case in cases
    ]


async def find(session: AsyncSession, case_id: UUID) -> Case:
    """Read a case alone.

    Raises:
        Problem: 404, there is none.
    """
    case = await queries.find_case(session, case_id)
    if case is None:
        raise not_found("case")
    return case


async def get_case(session: AsyncSession, case_id: UUID) -> SideBySide:
    """Read a case with both families side by side; that they were seen is written down.

    Raises:
        Problem: 404, there is none.
    """
    case = await find(session, case_id)
    await audit.record(session, "duplicate.read", "duplicate", case_id)
    return await _beside(session, case)


async def claim_case(session: AsyncSession, case_id: UUID) -> SideBySide:
    """Keep a case for who calls, so that two do not decide it; for half an hour.

    Raises:
        Problem: 404, there is none; 409, it is decided already, or somebody else's.
    """
    case = await _lock_open(session, case_id)
    await queries.claim_case(session, case.id, current_actor().subject, datetime.now(UTC))
    await audit.record(session, "duplicate.claimed", "duplicate", case_id)
    return await _again(session, case_id)


async def release_case(session: AsyncSession, case_id: UUID) -> SideBySide:
    """Give a claimed case back.

    Raises:
        Problem: 404, there is none; 409, it is decided already, or somebody else's.
    """
    case = await _lock_open(session, case_id)
    await queries.claim_case(session, case.id, None, None)
    await audit.record(session, "duplicate.released", "duplicate", case_id)
    return await _again(session, case_id)


async def decide(
    session: AsyncSession, case_id: UUID, decision: Decision, reason: str
) -> SideBySide:
    """Close a case by what a person decided; who merges calls this in the same transaction.

    A pair that was dismissed is not proposed again, unless something about it changes.

    Raises:
        Problem: 404, there is none; 409, it is decided already, or somebody else's.
    """
    case = await _lock_open(session, case_id)
    await queries.close_case(session, case, decision, current_actor().subject, reason)
    await audit.record(
        session,
        f"duplicate.{decision}",
        "duplicate",
        case_id,
        reason=reason,
        families=[str(case.family_a), str(case.family_b)],
        score=case.score,
    )
    return await _again(session, case_id)


async def _settle(
    session: AsyncSession, ids: Sequence[UUID], found: dict[tuple[UUID, UUID], Finding]
) -> None:
    known = {(case.family_a, case.family_b): case for case in await queries.cases_of(session, ids)}
    for place, finding in sorted(found.items()):
        case = known.get(place)
        if case is None:
            id_ = new_id()
            await queries.insert_case(session, id_, finding)
            await audit.record(session, "duplicate.opened", "duplicate", id_, score=finding.score)
        elif case.fingerprint != finding.fingerprint or case.state == "lapsed":
            await queries.reopen_case(session, case, finding)
            if case.state != "open":
                await audit.record(
                    session, "duplicate.reopened", "duplicate", case.id, score=finding.score
                )
    gone = [case.id for place, case in known.items() if case.state == "open" and place not in found]
    await queries.lapse_cases(session, gone)


async def _lock_open(session: AsyncSession, case_id: UUID) -> Case:
    case = await queries.find_case(session, case_id, lock=True)
    if case is None:
        raise not_found("case")
    if case.state != "open":
        raise conflict("already-decided", "This case is closed already.", state=case.state)
    holder = case.holder(datetime.now(UTC))
    if holder not in {None, current_actor().subject}:
        raise conflict("claimed", "Somebody else looks at this case now.", claimed_by=holder)
    return case


async def _again(session: AsyncSession, case_id: UUID) -> SideBySide:
    return await _beside(session, await find(session, case_id))


async def _beside(session: AsyncSession, case: Case) -> SideBySide:
    there = await queries.read_families(session, {case.family_a, case.family_b})
    for family_id in there:
        await audit.record(session, "family.read", "family", family_id, case_id=str(case.id))
    return SideBySide(case, (there.get(case.family_a), there.get(case.family_b)))
