"""Reads and writes of tickets."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.enrolments.domain import Enrolment
from services.registration.enrolments.tables import ENROLMENTS
from services.registration.families.reach import family_within
from services.registration.families.tables import PERSONS
from services.registration.tickets.domain import Cause, Revocation
from services.registration.tickets.tables import TICKET_REVOCATIONS

REVOCATIONS = TICKET_REVOCATIONS.c


@dataclass(frozen=True, slots=True)
class Revoked:
    """The last ticket of one enrolment that was revoked."""

    serial: int
    at: datetime
    cause: Cause


@dataclass(frozen=True, slots=True)
class Named:
    """A person by name."""

    person_id: UUID
    name: str


async def find_revoked(
    session: AsyncSession, enrolment_ids: Collection[UUID]
) -> dict[UUID, Revoked]:
    """Read the last revoked ticket of each of these enrolments that has one."""
    rows = await session.execute(
        select(REVOCATIONS.enrolment_id, REVOCATIONS.serial, REVOCATIONS.at, REVOCATIONS.cause)
        .where(REVOCATIONS.enrolment_id.in_(enrolment_ids))
        .order_by(REVOCATIONS.serial)
    )
    return {row.enrolment_id: Revoked(row.serial, row.at, row.cause) for row in rows}


async def find_revoked_codes(session: AsyncSession, codes: Collection[str]) -> dict[str, UUID]:
    """Find of which enrolments these short codes were, before others took their place."""
    rows = await session.execute(
        select(REVOCATIONS.code, REVOCATIONS.enrolment_id).where(REVOCATIONS.code.in_(codes))
    )
    return {row.code: row.enrolment_id for row in rows}


async def insert_reissue(
    session: AsyncSession, enrolment: Enrolment, serial: int, reason: str
) -> datetime:
    """Revoke an enrolment's ticket to make another; gives the time of it."""
    at: datetime = await session.scalar(
        insert(TICKET_REVOCATIONS)
        .values(
            event_id=enrolment.event_id,
            enrolment_id=enrolment.id,
            serial=serial,
            code=enrolment.ticket,
            cause="reissued",
            reason=reason,
        )
        .returning(REVOCATIONS.at)
    )
    return at


async def replace_code(session: AsyncSession, enrolment_id: UUID, code: str) -> int:
    """Give an enrolment another short code; gives its new version."""
    version: int = await session.scalar(
        update(ENROLMENTS)
        .where(ENROLMENTS.c.id == enrolment_id)
        .values(ticket=code, version=ENROLMENTS.c.version + 1)
        .returning(ENROLMENTS.c.version)
    )
    return version


async def list_revocations(
    session: AsyncSession, event_id: UUID, since: int, limit: int
) -> list[Revocation]:
    """Read an event's revoked tickets behind a version, in order."""
    rows = await session.execute(
        select(TICKET_REVOCATIONS)
        .where(REVOCATIONS.event_id == event_id, REVOCATIONS.version > since)
        .order_by(REVOCATIONS.version)
        .limit(limit)
    )
    return [_revocation(row) for row in rows]


async def list_names(session: AsyncSession, person_ids: Sequence[UUID]) -> list[Named]:
    """Read the names of persons within reach, as they are printed, in their families' order."""
    name = func.concat_ws(" ", PERSONS.c.given_name, PERSONS.c.patronymic, PERSONS.c.family_name)
    rows = await session.execute(
        select(PERSONS.c.id, name.label("name"))
        .where(PERSONS.c.id.in_(person_ids), family_within(PERSONS.c.family_id))
        .order_by(PERSONS.c.family_id, PERSONS.c.position)
    )
    return [Named(row.id, row.name) for row in rows]


def _revocation(row: Row[*tuple[object, ...]]) -> Revocation:
    known = row._mapping
    return Revocation(**{name: known[name] for name in Revocation.__slots__})
