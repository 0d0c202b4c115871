"""The use cases of families' history."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.families.domain import Family, Member, Person
from services.registration.history import queries
from services.registration.history.domain import (
    REGISTERED,
    Change,
    Version,
    changed_fields,
    mentions,
)
from shared.actors import current_actor
from shared.problems import not_found

_LONGEST_PAGE = 10_000


async def keep_new(
    session: AsyncSession, families: Sequence[Family], change: Change = REGISTERED
) -> None:
    """Keep the first version of families, in the transaction that registers them."""
    actor = current_actor().subject
    versions = [Version(each, each.created_at, change, actor, ()) for each in families]
    await queries.insert_versions(session, versions)


async def keep_changed(
    session: AsyncSession, before: Family, after: Family, change: Change
) -> None:
    """Keep a new version of a family, in the transaction that changes it.

    A family that was registered before histories were kept gets its last version then as first.
    """
    first = Version(before, before.created_at, REGISTERED, "system", ())
    new = Version(
        after,
        datetime.now(UTC),
        change,
        current_actor().subject,
        changed_fields(before, after),
    )
    await queries.insert_versions(session, [first, new])


async def read_as_of(session: AsyncSession, present: Family, at: datetime) -> Family:
    """Read a family as it stood in the register at a moment.

    Raises:
        Problem: 404, it was not registered by then.
    """
    version = await queries.find_at(session, present.id, at)
    if version is not None:
        return version.family
    if present.created_at > at:
        raise not_found("family at that time")
    return present


async def list_versions(
    session: AsyncSession, family_id: UUID, before: int | None, limit: int
) -> list[Version]:
    """Read the versions of a family, the newest first."""
    return await queries.list_versions(session, family_id, before, limit)


async def forget_persons(
    session: AsyncSession, family_id: UUID, person_ids: frozenset[UUID], nobody: Member
) -> None:
    """Put `nobody` in the place of persons in every version of a family, and drop the reasons.

    For erasure: that there was a person stays, who it was does not.
    """
    versions = await queries.list_versions(session, family_id, None, _LONGEST_PAGE)
    await queries.rewrite(
        session,
        (
            replace(
                each,
                family=_without(each.family, person_ids, nobody),
                change=replace(each.change, reason=None),
            )
            for each in versions
            if mentions(each.family, person_ids)
        ),
    )


def _without(family: Family, person_ids: frozenset[UUID], nobody: Member) -> Family:
    return replace(
        family,
        persons=tuple(
            Person(person.id, person.version, nobody) if person.id in person_ids else person
            for person in family.persons
        ),
    )
