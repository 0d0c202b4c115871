"""Reads and writes of check-ins."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.check_ins.domain import CheckIn
from services.registration.check_ins.tables import ATTENDANCE, CHECK_INS
from services.registration.enrolments.domain import Enrolment
from services.registration.enrolments.tables import ENROLMENTS


async def find_check_in(session: AsyncSession, nonce: str) -> CheckIn | None:
    """Read what was answered to a nonce."""
    statement = (
        select(CHECK_INS, ENROLMENTS.c.event_id, ENROLMENTS.c.family_id)
        .join(ENROLMENTS, ENROLMENTS.c.id == CHECK_INS.c.enrolment_id)
        .where(CHECK_INS.c.nonce == nonce)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    return CheckIn(
        nonce=row.nonce,
        enrolment_id=row.enrolment_id,
        event_id=row.event_id,
        family_id=row.family_id,
        person_ids=tuple(row.person_ids),
        at=row.at,
        attended=tuple(row.attended),
    )


async def record_attendance(
    session: AsyncSession, enrolment: Enrolment, person_ids: Sequence[UUID], at: datetime
) -> set[UUID]:
    """Record who was there, once a person and event; gives those who were not recorded before."""
    statement = (
        insert(ATTENDANCE)
        .values(
            [
                {
                    "event_id": enrolment.event_id,
                    "person_id": person_id,
                    "enrolment_id": enrolment.id,
                    "at": at,
                }
                for person_id in sorted(person_ids)
            ]
        )
        .on_conflict_do_nothing()
        .returning(ATTENDANCE.c.person_id)
    )
    return set(await session.scalars(statement))


async def list_attended(session: AsyncSession, enrolment: Enrolment) -> set[UUID]:
    """Read who of an enrolment's persons was there."""
    return set(
        await session.scalars(
            select(ATTENDANCE.c.person_id).where(
                ATTENDANCE.c.event_id == enrolment.event_id,
                ATTENDANCE.c.person_id.in_(enrolment.person_ids),
            )
        )
    )


async def insert_check_in(session: AsyncSession, check_in: CheckIn) -> bool:
    """Keep a check-in by its nonce; False when the nonce is taken."""
    kept = await session.scalar(
        insert(CHECK_INS)
        .values(
            nonce=check_in.nonce,
            enrolment_id=check_in.enrolment_id,
            person_ids=list(check_in.person_ids),
            attended=list(check_in.attended),
            at=check_in.at,
        )
        .on_conflict_do_nothing()
        .returning(CHECK_INS.c.nonce)
    )
    return kept is not None
