"""The use cases of merges."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.duplicates import handlers as duplicates
from services.registration.enrolments.merging import merge_enrolments, unmerge_enrolments
from services.registration.families import handlers as families
from services.registration.families.domain import Family
from services.registration.families.queries import lock_family
from services.registration.family_changes.domain import Seen
from services.registration.history.domain import Change
from services.registration.merges import contracts, domain, queries
from services.registration.merges.domain import Merge, Merged, MergeError, Plan
from services.registration.merges.pointers import Replaced, point_back, repoint
from shared.actors import current_actor
from shared.ids import new_id
from shared.messaging.outbox import tell
from shared.problems import conflict, invalid, not_found

T = TypeVar("T")


async def merge(
    session: AsyncSession,
    kept: Seen,
    merged: Seen,
    plan: Plan,
    *,
    reason: str,
    case_id: UUID | None = None,
) -> Merge:
    """Make one registration of two, with everything that pointed to either.

    Enrolments, check-ins and attendance name the kept persons from then on. It can be undone.

    Raises:
        Problem: 404, no such family or case; 412, one was changed since; 409, one went into
            another family, or the case is closed or somebody else's; 422, they cannot be merged so.
    """
    await _lock_both(session, kept.family_id, merged.family_id)
    kept_before = await families.lock_version(session, kept.family_id, kept.version)
    merged_before = await families.lock_version(session, merged.family_id, merged.version)
    wanted = _ruled(lambda: domain.merge(kept_before, merged_before, plan))
    change = Change("merge", reason)
    # The merged one first: it gives up the FIN that the kept one may take over.
    if kept_before.id != merged_before.id:
        away = Change("merged", reason)
        await families.save_change(session, merged_before, wanted.merged, away, moved=wanted.moved)
    kept_after = await families.save_change(session, kept_before, wanted.kept, change)
    made = Merge(
        id=new_id(),
        at=datetime.now(UTC),
        actor=current_actor().subject,
        plan=plan,
        reason=reason,
        case_id=case_id,
        kept_before=kept_before,
        merged_before=merged_before,
        kept_after=kept_after,
    )
    await _point(session, made)
    if case_id is not None:
        await _close_case(session, case_id, {kept_before.id, merged_before.id}, reason)
    await tell(session, contracts.merged(made))
    await audit.record(
        session,
        "family.merged",
        "family",
        kept_before.id,
        reason=reason,
        merge_id=str(made.id),
        merged_family_id=str(merged_before.id),
        persons={str(gone): str(stays) for gone, stays in made.replaced.items()},
    )
    return made


async def undo_merge(session: AsyncSession, merge_id: UUID, reason: str) -> Merge:
    """Make two registrations again; what was changed since the merge stays as it was changed.

    Raises:
        Problem: 404, no such merge; 409, it was undone already, a family went into another one,
            or the families changed so much that they cannot be told apart.
    """
    known = await queries.lock_merge(session, merge_id)
    if known is None:
        raise not_found("merge")
    made = known.merge
    if made.undone_at is not None:
        raise conflict("already-undone", "This merge was undone already.")
    kept_before, merged_before = await _lock_both(
        session, made.kept_before.id, made.merged_before.id
    )
    families.check_open(kept_before)
    if merged_before.successor_id not in {None, kept_before.id}:
        families.check_open(merged_before)
    wanted = domain.unmerge(made, kept_before, merged_before)
    _check_heads(wanted, made)
    change = Change("unmerge", reason)
    # The kept one first: it gives up what it took over from the other.
    await families.save_change(session, kept_before, wanted.kept, change, moved=wanted.moved)
    if not made.same_family:
        await families.save_change(session, merged_before, wanted.merged, change)
    await point_back(session, known.pointers["others"])
    await unmerge_enrolments(session, known.pointers["enrolments"])
    await queries.mark_undone(session, merge_id, datetime.now(UTC), current_actor().subject, reason)
    await tell(session, contracts.unmerged(made))
    await audit.record(
        session,
        "family.unmerged",
        "family",
        made.kept_before.id,
        reason=reason,
        merge_id=str(merge_id),
    )
    return await get_merge(session, merge_id)


async def get_merge(session: AsyncSession, merge_id: UUID) -> Merge:
    """Read one merge.

    Raises:
        Problem: 404, there is none.
    """
    made = await queries.find_merge(session, merge_id)
    if made is None:
        raise not_found("merge")
    await audit.record(session, "merge.read", "family", made.kept_before.id)
    return made


async def list_merges(
    session: AsyncSession, family_id: UUID | None, before: UUID | None, limit: int
) -> list[Merge]:
    """Read merges, the newest first, of one family or of all."""
    return await queries.list_merges(session, family_id, before, limit)


async def _lock_both(
    session: AsyncSession, kept_id: UUID, merged_id: UUID
) -> tuple[Family, Family]:
    # In one order for everybody, so that two calls never wait for each other.
    locked = {id_: await lock_family(session, id_) for id_ in sorted({kept_id, merged_id})}
    kept, merged = locked[kept_id], locked[merged_id]
    if kept is None or merged is None:
        raise not_found("family")
    return kept, merged


async def _close_case(session: AsyncSession, case_id: UUID, merged: set[UUID], reason: str) -> None:
    case = await duplicates.find(session, case_id)
    if {case.family_a, case.family_b} != merged:
        raise invalid("case_id", "is a case about other families")
    await duplicates.decide(session, case_id, "merged", reason)


async def _point(session: AsyncSession, made: Merge) -> None:
    whole = made.plan.scope == "families"
    closed = {made.merged_before.id: made.kept_before.id} if whole else {}
    enrolments = await merge_enrolments(session, made.replaced, closed)
    others = await repoint(session, Replaced(made.replaced, closed))
    pointers = {"enrolments": enrolments, "others": others}
    await queries.insert_merge(session, queries.Kept(made, pointers))


def _check_heads(wanted: Merged, made: Merge) -> None:
    for family in {wanted.kept.id: wanted.kept, wanted.merged.id: wanted.merged}.values():
        heads = sum(person.member.relation == "head" for person in family.persons)
        if heads != 1:
            raise conflict(
                "changed-since",
                "These families changed since they were merged; split the family instead.",
                family_id=str(family.id),
            )


def _ruled(rule: Callable[[], T]) -> T:
    try:
        return rule()
    except MergeError as wrong:
        raise invalid(wrong.field, wrong.message) from None
