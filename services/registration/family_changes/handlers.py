"""The use cases of what happens to a family in life."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.enrolments import leaving
from services.registration.families import handlers as families
from services.registration.families import queries
from services.registration.families.domain import (
    Family,
    Member,
    MembersError,
    Person,
    Residence,
    check_members,
)
from services.registration.family_changes import domain
from services.registration.family_changes.domain import (
    LARGEST_FAMILY,
    Circumstances,
    FamilyChangeError,
    Leaving,
    Relations,
    Seen,
    Succession,
)
from services.registration.history.domain import Change, Kind
from shared.ids import new_id
from shared.problems import invalid, not_found

T = TypeVar("T")


async def record_birth(
    session: AsyncSession, seen: Seen, child: Member, reason: str | None
) -> Family:
    """Add a child to a family.

    Raises:
        Problem: 404, 409, 412 as a change; 409, the FIN is registered; 422, it makes no family.
    """
    before = await _lock(session, seen)
    if len(before.persons) >= LARGEST_FAMILY:
        raise invalid("member", f"would make more than {LARGEST_FAMILY} members")
    wanted = replace(before, persons=(*before.persons, Person(new_id(), 1, child)))
    _check_members(wanted)
    change = Change("birth", reason, child.birth_date)
    return await families.save_change(session, before, wanted, change)


async def record_death(
    session: AsyncSession,
    seen: Seen,
    person_id: UUID,
    succession: Succession,
    died: Circumstances,
) -> Family:
    """Let a member who died leave the family; seats not used yet are free for others.

    Raises:
        Problem: 404, 409, 412 as a change; 422, no member, the last one, or a head is missing.
    """
    before = await _lock(session, seen)
    wanted = _ruled(lambda: domain.without_person(before, person_id, succession))
    after = await families.save_change(session, before, wanted, _change("death", died))
    await leaving.give_up_seats(session, person_id)
    return after


async def record_move(
    session: AsyncSession, seen: Seen, residence: Residence, moved: Circumstances
) -> Family:
    """Keep where a family lives now; the same place again changes nothing.

    Raises:
        Problem: 404, 409, 412 as a change.
    """
    before = await _lock(session, seen)
    wanted = replace(before, residence=residence)
    if wanted == before:
        return before
    return await families.save_change(session, before, wanted, _change("move", moved))


async def name_head(
    session: AsyncSession, seen: Seen, head_id: UUID, relations: Relations, reason: str | None
) -> Family:
    """Make another member the head; who is it already stays it.

    Raises:
        Problem: 404, 409, 412 as a change; 422, somebody is no member, or a second head.
    """
    before = await _lock(session, seen)
    wanted = _ruled(lambda: domain.with_head(before, head_id, relations))
    if wanted == before:
        return before
    return await families.save_change(session, before, wanted, Change("new_head", reason))


async def split_family(
    session: AsyncSession, seen: Seen, leave: Leaving, circumstances: Circumstances
) -> tuple[Family, Family]:
    """Let members form a family of their own; both are told of. Gives who stays and who left.

    They keep their ids, and enrolments made together stay as they are until their event.

    Raises:
        Problem: 404, 409, 412 as a change; 422, nobody stays, no member, or a head is missing.
    """
    before = await _lock(session, seen)
    stay, left = _ruled(lambda: domain.split(before, leave, new_id(), datetime.now(UTC)))
    await families.save_new(session, left, _change("split_off", circumstances))
    change = _change("split", circumstances)
    moved = leave.person_ids
    return await families.save_change(session, before, stay, change, moved=moved), left


async def join_families(
    session: AsyncSession,
    seen: Seen,
    other_id: UUID,
    relations: Relations,
    circumstances: Circumstances,
) -> Family:
    """Take another family's members in; the other one is closed and says where they went.

    Raises:
        Problem: 404, 409, 412 as a change; 422, too many members, or a relation is missing.
    """
    # In one order for everybody, so that two calls never wait for each other.
    locked = {
        id_: await queries.lock_family(session, id_) for id_ in sorted({seen.family_id, other_id})
    }
    before, other = await _lock(session, seen), locked[other_id]
    if other is None:
        raise not_found("other family")
    families.check_open(other)
    joined, closed = _ruled(lambda: domain.join(before, other, relations))
    moved = [person.id for person in other.persons]
    await families.save_change(
        session, other, closed, _change("joined", circumstances), moved=moved
    )
    return await families.save_change(session, before, joined, _change("join", circumstances))


async def _lock(session: AsyncSession, seen: Seen) -> Family:
    return await families.lock_version(session, seen.family_id, seen.version)


def _change(kind: Kind, circumstances: Circumstances) -> Change:
    return Change(kind, circumstances.reason, circumstances.on)


def _ruled(rule: Callable[[], T]) -> T:
    try:
        return rule()
    except FamilyChangeError as wrong:
        raise invalid(wrong.field, wrong.message) from None


def _check_members(family: Family) -> None:
    try:
        check_members([person.member for person in family.persons])
    except MembersError as wrong:
        field = "member.relation" if wrong.field == "members" else "member.fin"
        raise invalid(field, wrong.message) from None
