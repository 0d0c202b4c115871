"""The use cases of discussion groups."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.calendar import queries as calendar
from services.registration.families.reach import reached
from services.registration.groups import queries
from services.registration.groups.domain import By, Families, Of, TooManyGroupsError, split
from services.registration.groups.queries import Plan
from shared.actors import current_actor
from shared.problems import conflict, invalid, not_found


@dataclass(frozen=True, slots=True)
class Wish:
    """How people are to be split; without a seed one is drawn, and kept with the result."""

    count: int
    by: By
    families: Families
    of: Of
    seed: str | None


async def make_groups(session: AsyncSession, event_id: UUID, wish: Wish) -> Plan:
    """Split the people of an event over groups, and keep it as the next version.

    Raises:
        Problem: 404, no such event; 409, there is nobody to split; 422, more groups than could be
            filled.
    """
    # The event's lock gives the versions their order, and lets nobody in meanwhile.
    if await calendar.lock_event(session, event_id) is None:
        raise not_found("event")
    listed = queries.list_confirmed if wish.of == "confirmed" else queries.list_attended
    people = await listed(session, event_id)
    if not people:
        raise conflict("nobody-there", "There is nobody to put into groups.")
    seed = secrets.token_hex(8) if wish.seed is None else wish.seed
    try:
        groups = split(people, wish.count, by=wish.by, families=wish.families, seed=seed)
    except TooManyGroupsError as refused:
        raise invalid("count", f"must be {refused.most} or less, or groups stay empty") from None
    version = await queries.last_version(session, event_id) + 1
    await queries.insert_plan(
        session,
        event_id=event_id,
        version=version,
        made_by=current_actor().subject,
        how=(wish.by, wish.families, wish.of),
        seed=seed,
        groups=groups,
    )
    await audit.record(
        session, "groups.made", "event", event_id, version=version, people=len(people)
    )
    return await find_groups(session, event_id, version)


async def find_groups(session: AsyncSession, event_id: UUID, version: int | None = None) -> Plan:
    """Find the last splitting of an event, or one before.

    Raises:
        Problem: 404, no such event, or it has none.
    """
    plan = await queries.find_plan(session, event_id, version)
    if plan is None:
        event = await calendar.find_event(session, event_id)
        raise not_found("event" if event is None else "splitting into groups")
    return plan


async def find_last(session: AsyncSession, event_id: UUID) -> Plan | None:
    """Find the last splitting of an event, None where there is none yet."""
    return await queries.find_plan(session, event_id, None)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A splitting to print: the event's title, and each group's names with their districts."""

    plan: Plan
    title: dict[str, str]
    groups: list[list[tuple[str, str]]]


async def print_groups(session: AsyncSession, event_id: UUID, version: int | None) -> Sheet:
    """Read a splitting with its people's names; that names were read is written down.

    People of families out of reach are left out.

    Raises:
        Problem: 404, no such event, or it has none.
    """
    plan = await find_groups(session, event_id, version)
    families = await reached(session, {each.family_id for group in plan.groups for each in group})
    groups = [[each for each in group if each.family_id in families] for group in plan.groups]
    persons = [each.person_id for group in groups for each in group]
    names = await queries.list_names(session, persons)
    await audit.record(
        session, "groups.printed", "event", event_id, version=plan.version, people=len(persons)
    )
    return Sheet(
        plan,
        await queries.find_title(session, event_id),
        [[(names.get(each.person_id, ""), each.district) for each in group] for group in groups],
    )
