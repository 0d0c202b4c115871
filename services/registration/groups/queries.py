"""Reads and writes of discussion groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.calendar.tables import EventRow
from services.registration.check_ins.tables import ATTENDANCE
from services.registration.enrolments.tables import ENROLMENTS
from services.registration.families.tables import PERSONS
from services.registration.groups.domain import By, Families, Group, Of, Participant
from services.registration.groups.tables import GROUP_PLANS


@dataclass(frozen=True, slots=True)
class Plan:
    """One splitting of an event's people, with all that it takes to do it again."""

    event_id: UUID
    version: int
    made_at: datetime
    made_by: str
    count: int
    by: By
    families: Families
    of: Of
    seed: str
    groups: list[Group]


async def list_confirmed(session: AsyncSession, event_id: UUID) -> list[Participant]:
    """Read who has a seat."""
    rows = await session.execute(
        select(ENROLMENTS.c.person_ids, ENROLMENTS.c.family_id, ENROLMENTS.c.origin_district).where(
            ENROLMENTS.c.event_id == event_id, ENROLMENTS.c.status == "confirmed"
        )
    )
    return [
        Participant(person_id, row.family_id, row.origin_district)
        for row in rows
        for person_id in row.person_ids
    ]


async def list_attended(session: AsyncSession, event_id: UUID) -> list[Participant]:
    """Read who was there."""
    statement = (
        select(ATTENDANCE.c.person_id, ENROLMENTS.c.family_id, ENROLMENTS.c.origin_district)
        .join(ENROLMENTS, ENROLMENTS.c.id == ATTENDANCE.c.enrolment_id)
        .where(ATTENDANCE.c.event_id == event_id)
    )
    return [Participant(*row) for row in await session.execute(statement)]


async def last_version(session: AsyncSession, event_id: UUID) -> int:
    """Read how many times the people of an event were split."""
    version = await session.scalar(
        select(func.max(GROUP_PLANS.c.version)).where(GROUP_PLANS.c.event_id == event_id)
    )
    return version or 0


async def insert_plan(
    session: AsyncSession,
    *,
    event_id: UUID,
    version: int,
    made_by: str,
    how: tuple[By, Families, Of],
    seed: str,
    groups: Sequence[Group],
) -> None:
    """Keep a splitting; the ones before stay."""
    by, families, of = how
    await session.execute(
        insert(GROUP_PLANS).values(
            event_id=event_id,
            version=version,
            made_by=made_by,
            count=len(groups),
            by=by,
            families=families,
            of=of,
            seed=seed,
            groups=[[_written(each) for each in group] for group in groups],
        )
    )


async def find_plan(session: AsyncSession, event_id: UUID, version: int | None) -> Plan | None:
    """Read one splitting, the last where no version is named."""
    statement = select(GROUP_PLANS).where(GROUP_PLANS.c.event_id == event_id)
    if version is None:
        statement = statement.order_by(GROUP_PLANS.c.version.desc()).limit(1)
    else:
        statement = statement.where(GROUP_PLANS.c.version == version)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _plan(row)


async def find_title(session: AsyncSession, event_id: UUID) -> dict[str, str]:
    """Read an event's title in the three languages, empty where only its end was heard of."""
    title: dict[str, str] | None = await session.scalar(
        select(EventRow.title).where(EventRow.id == event_id)
    )
    return title or dict.fromkeys(("az", "en", "ru"), "")


async def list_names(session: AsyncSession, persons: Sequence[UUID]) -> dict[UUID, str]:
    """Read the names of persons, family name first; who was erased has none."""
    rows = await session.execute(
        select(PERSONS.c.id, PERSONS.c.family_name, PERSONS.c.given_name).where(
            PERSONS.c.id.in_(persons)
        )
    )
    return {row.id: f"{row.family_name} {row.given_name}" for row in rows}


def _written(person: Participant) -> list[str]:
    return [str(person.person_id), str(person.family_id), person.district]


def _plan(row: Row[Any]) -> Plan:
    return Plan(
        event_id=row.event_id,
        version=row.version,
        made_at=row.made_at,
        made_by=row.made_by,
        count=row._mapping["count"],
        by=row.by,
        families=row.families,
        of=row.of,
        seed=row.seed,
        groups=[
            [
                Participant(UUID(person), UUID(family), district)
                for person, family, district in group
            ]
            for group in row.groups
        ],
    )
