"""The use cases of families."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.audit.domain import Act
from services.registration.consents import recording
from services.registration.consents.domain import Decision
from services.registration.enrolments.leaving import give_up_seats
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
    gone_from,
    next_version,
    place_members,
)
from services.registration.families.reach import check_registers, reaches
from services.registration.history import handlers as history
from services.registration.history.domain import CORRECTED, REGISTERED, Change
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
    family = new_family(origin, residence, members, consent)
    await save_new(session, family)
    return family


async def save_new(session: AsyncSession, family: Family, change: Change = REGISTERED) -> None:
    """Write a new family, and all that is kept and told of it.

    Raises:
        Problem: 403, it is none of the actor's district; 409, a FIN is registered already.
    """
    try:
        await save_all_new(session, [family], change)
    except queries.FinRegisteredError as taken:
        members = [person.member for person in family.persons]
        raise await _fin_registered(session, taken, members) from None


async def save_all_new(
    session: AsyncSession, families: Sequence[Family], change: Change = REGISTERED
) -> None:
    """Write new families, and all that is kept and told of each, by the batch.

    Raises:
        FinRegisteredError: one of their FINs is registered already; nothing is written.
        Problem: 403, one is none of the actor's district.
    """
    for family in families:
        check_registers(family)
    await queries.insert_families(session, families)
    await history.keep_new(session, families, change)
    await recording.follow_new(session, families)
    await tell(session, *(each for family in families for each in contracts.registered(family)))
    await audit.record_all(
        session,
        [
            Act(
                "family.registered",
                "family",
                family.id,
                None,
                {"kind": change.kind, "members": len(family.persons)},
            )
            for family in families
        ],
    )


def new_family(
    origin: Origin, residence: Residence, members: Sequence[Member], consent: Consent | None
) -> Family:
    """Make a family that is not on the register yet.

    Raises:
        Problem: 422, the members make no family.
    """
    _check(members)
    ids = _ids(len(members))
    return Family(
        id=new_id(),
        version=1,
        created_at=datetime.now(UTC),
        origin=origin,
        residence=residence,
        consent=consent,
        persons=tuple(Person(id_, 1, each) for id_, each in zip(ids, members, strict=True)),
    )


async def get_family(
    session: AsyncSession, family_id: UUID, as_of: datetime | None = None
) -> Family:
    """Read one family, as it is or as it stood at a moment; that it was seen is written down.

    Raises:
        Problem: 404, there is none, or was none by then.
    """
    family = await queries.find_family(session, family_id)
    if family is None:
        raise not_found("family")
    await audit.record(session, "family.read", "family", family_id)
    return family if as_of is None else await history.read_as_of(session, family, as_of)


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

    Seats of who is removed, at events that are still to come, are free for others.

    Raises:
        Problem: 404, there is none; 412, it was changed since; 422, the members make no family;
            409, a FIN is registered already.
    """
    before = await lock_version(session, family_id, expected_version)
    wanted = _apply(before, changes)
    if wanted == before:
        return before
    after = await save_change(session, before, wanted, CORRECTED)
    await give_up_seats(session, *sorted(gone_from(before, after)))
    return after


async def lock_version(session: AsyncSession, family_id: UUID, expected_version: int) -> Family:
    """Read a family to change it, and hold it until the transaction ends.

    Raises:
        Problem: 404, there is none; 412, it was changed since; 409, it went into another family.
    """
    family = await queries.lock_family(session, family_id)
    if family is None:
        raise not_found("family")
    check_version(expected_version, family.version)
    check_open(family)
    return family


def check_open(family: Family) -> None:
    """Check that a family still is one.

    Raises:
        Problem: 409, it went into another family; says which.
    """
    if family.successor_id is not None:
        raise conflict(
            "family-closed",
            "This family went into another one.",
            successor_id=str(family.successor_id),
        )


async def save_change(
    session: AsyncSession,
    before: Family,
    wanted: Family,
    change: Change,
    moved: Collection[UUID] = (),
    *,
    decision: Decision | None = None,
    erasure_id: UUID | None = None,
) -> Family:
    """Write a changed family, and all that is kept and told of it; gives its new version.

    `moved` are persons that another family takes over: who they are is told there. `decision` is
    the one on a consent that this change follows; `erasure_id` that of an erasure.

    Raises:
        Problem: 409, a FIN is registered already.
    """
    after = next_version(before, wanted)
    try:
        await queries.update_family(session, before, after, moved)
    except queries.FinRegisteredError as taken:
        members = [person.member for person in after.persons]
        raise await _fin_registered(session, taken, members) from None
    await history.keep_changed(session, before, after, change)
    if decision is not None or before.consent != after.consent:
        await recording.follow(session, after.id, before.consent, after.consent, decision)
    await tell(session, *contracts.changed(before, after, moved, erasure_id))
    await audit.record(
        session,
        "family.changed",
        "family",
        after.id,
        reason=change.reason,
        kind=change.kind,
        version=after.version,
    )
    return after


async def note_unreachable(
    session: AsyncSession, person_id: UUID, channel: Channel, reason: str, version: int
) -> None:
    """Keep that a person's address leads nowhere; one who is not here any more is nobody's."""
    reported = queries.Reported(person_id, channel, reason, version)
    if await queries.mark_unreachable(session, reported):
        await audit.record(session, "person.unreachable", "person", person_id, channel=channel)


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


async def _fin_registered(
    session: AsyncSession, taken: queries.FinRegisteredError, members: Sequence[Member]
) -> Problem:
    index = next(place for place, member in enumerate(members) if member.fin == taken.fin)
    known = await reaches(session, taken.family_id)
    return conflict(
        "fin-registered",
        "Somebody with this FIN is registered already.",
        existing_family_id=str(taken.family_id) if known else None,
        field=f"members.{index}.fin",
    )
