"""The use cases of families."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.families import contracts, queries, search
from services.registration.families.domain import (
    Channel,
    Consent,
    Family,
    Member,
    MembersError,
    Origin,
    Person,
    Residence,
    check_members,
    next_version,
    place_members,
)
from shared.ids import new_id
from shared.messaging.outbox import tell
from shared.problems import Problem, conflict, invalid, not_found
from shared.versions import check_version


@dataclass(frozen=True, slots=True)
class Changes:
    """What of a family changes: None stays as it is; `members` is the whole list, by id."""

    origin: Origin | None = None
    residence: Residence | None = None
    members: Sequence[tuple[UUID | None, Member]] | None = None
    consent: Consent | None = None
    withdraws_consent: bool = False


async def register_family(
    session: AsyncSession,
    origin: Origin,
    residence: Residence,
    members: Sequence[Member],
    consent: Consent | None,
) -> Family:
    """Put a family on the register.

    Raises:
        Problem: 422, the members make no family; 409, a FIN is registered already.
    """
    _check(members)
    ids = _ids(len(members))
    family = Family(
        id=new_id(),
        version=1,
        created_at=datetime.now(UTC),
        origin=origin,
        residence=residence,
        consent=consent,
        persons=tuple(Person(id_, 1, each) for id_, each in zip(ids, members, strict=True)),
    )
    try:
        await queries.insert_family(session, family)
    except queries.FinRegisteredError as taken:
        raise _fin_registered(taken, members) from None
    await tell(session, *contracts.registered(family))
    await audit.record(session, "family.registered", "family", family.id, members=len(members))
    return family


async def get_family(session: AsyncSession, family_id: UUID) -> Family:
    """Read one family; that it was seen is written down.

    Raises:
        Problem: 404, there is none.
    """
    family = await queries.find_family(session, family_id)
    if family is None:
        raise not_found("family")
    await audit.record(session, "family.read", "family", family_id)
    return family


async def list_families(
    session: AsyncSession, wanted: search.Wanted, before: UUID | None, limit: int
) -> list[Family]:
    """Read families, the newest first."""
    rows = await search.list_families(session, wanted, before, limit)
    return await queries.with_persons(session, rows)


async def change_family(
    session: AsyncSession, family_id: UUID, expected_version: int, changes: Changes
) -> Family:
    """Change a family; what changes nothing keeps the version and tells nobody.

    Raises:
        Problem: 404, there is none; 412, it was changed since; 422, the members make no family;
            409, a FIN is registered already.
    """
    before = await queries.lock_family(session, family_id)
    if before is None:
        raise not_found("family")
    check_version(expected_version, before.version)
    wanted = _apply(before, changes)
    if wanted == before:
        return before
    after = next_version(before, wanted)
    try:
        await queries.update_family(session, before, after)
    except queries.FinRegisteredError as taken:
        raise _fin_registered(taken, [person.member for person in after.persons]) from None
    await tell(session, *contracts.changed(before, after))
    await audit.record(session, "family.changed", "family", family_id, version=after.version)
    return after


async def note_unreachable(
    session: AsyncSession, person_id: UUID, channel: Channel, reason: str, version: int
) -> None:
    """Keep that a person's address leads nowhere; one who is not here any more is nobody's."""
    await queries.mark_unreachable(session, queries.Reported(person_id, channel, reason, version))


def _apply(family: Family, changes: Changes) -> Family:
    consent = None if changes.withdraws_consent else changes.consent or family.consent
    return replace(
        family,
        origin=changes.origin or family.origin,
        residence=changes.residence or family.residence,
        consent=consent,
        persons=_persons(family, changes.members),
    )


def _persons(
    family: Family, members: Sequence[tuple[UUID | None, Member]] | None
) -> tuple[Person, ...]:
    if members is None:
        return family.persons
    _check([member for _, member in members])
    try:
        return place_members(family, members, _ids(len(members)))
    except MembersError as wrong:
        raise invalid(wrong.field, wrong.message) from None


def _check(members: Sequence[Member]) -> None:
    try:
        check_members(members)
    except MembersError as wrong:
        raise invalid(wrong.field, wrong.message) from None


def _ids(count: int) -> list[UUID]:
    """Make ids that sort in the order of the members."""
    return sorted(new_id() for _ in range(count))


def _fin_registered(taken: queries.FinRegisteredError, members: Sequence[Member]) -> Problem:
    index = next(place for place, member in enumerate(members) if member.fin == taken.fin)
    return conflict(
        "fin-registered",
        "Somebody with this FIN is registered already.",
        existing_family_id=str(taken.family_id),
        field=f"members.{index}.fin",
    )
