"""Reads of enrolments as the desk's pages list them: with names, or with what the event is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.calendar.tables import EventRow
from services.registration.check_ins.tables import ATTENDANCE
from services.registration.enrolments import people, queries
from services.registration.enrolments.domain import Enrolment, Status
from services.registration.families.tables import PERSONS
from shared.actors import current_actor

_NAMED_FOR = frozenset({"registrar", "auditor"})


@dataclass(frozen=True, slots=True)
class Named:
    """One person of an enrolment."""

    id: UUID
    given_name: str
    family_name: str
    patronymic: str | None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An enrolment with who comes, in the family's order."""

    enrolment: Enrolment
    persons: list[Named]


@dataclass(frozen=True, slots=True)
class OfFamily:
    """An enrolment with what its event is."""

    enrolment: Enrolment
    title: dict[str, str] | None
    starts_at: datetime | None
    ends_at: datetime | None


def reads_names() -> bool:
    """Tell whether the roles of the present actor include reading who comes."""
    return not current_actor().roles.isdisjoint(_NAMED_FOR)


async def with_names(session: AsyncSession, enrolments: Sequence[Enrolment]) -> list[Enrolled]:
    """Put names to enrolments, in one read; who plans events counts people and reads none."""
    if not reads_names():
        return [Enrolled(each, []) for each in enrolments]
    ids = {id_ for enrolment in enrolments for id_ in enrolment.person_ids}
    rows = await session.execute(
        select(
            PERSONS.c.id, PERSONS.c.given_name, PERSONS.c.family_name, PERSONS.c.patronymic
        ).where(PERSONS.c.id.in_(ids))
    )
    known = {row.id: Named(**row._mapping) for row in rows}
    return [
        Enrolled(each, [known[id_] for id_ in each.person_ids if id_ in known])
        for each in enrolments
    ]


async def is_there(session: AsyncSession, enrolment_id: UUID) -> bool:
    """Tell whether anybody came by this enrolment already."""
    came = exists().where(ATTENDANCE.c.enrolment_id == enrolment_id)
    return bool(await session.scalar(select(came)))


async def list_roster(
    session: AsyncSession, event_id: UUID, status: Status | None, after: int, limit: int
) -> list[Enrolled]:
    """Read who is enrolled at an event in the order they came, those behind one entry."""
    return await with_names(
        session, await queries.list_enrolments(session, event_id, status, after, limit)
    )


async def list_of_family(session: AsyncSession, family_id: UUID, limit: int) -> list[OfFamily]:
    """Read the enrolments of a family, the newest first."""
    found = await people.list_of(session, persons=[], families={family_id: family_id})
    rows = found[::-1][:limit]
    events = await session.execute(
        select(EventRow.id, EventRow.title, EventRow.starts_at, EventRow.ends_at).where(
            EventRow.id.in_({each.event_id for each in rows})
        )
    )
    known = {event.id: event for event in events}
    return [
        OfFamily(
            each,
            known[each.event_id].title,
            known[each.event_id].starts_at,
            known[each.event_id].ends_at,
        )
        for each in rows
    ]
