"""Reads and writes of check-ins, many at a time."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.check_ins.domain import Attendance, CheckIn
from services.registration.check_ins.tables import ATTENDANCE, CHECK_INS
from services.registration.enrolments.domain import Enrolment
from services.registration.enrolments.tables import ENROLMENTS
from services.registration.families.tables import PERSONS

# Rows go to Postgres as one parameter: a batch has more columns than a statement may bind.
_RECORD_ATTENDANCE = text(
    """
    INSERT INTO attendance (event_id, person_id, enrolment_id, at, nonce)
    SELECT event_id, person_id, enrolment_id, at, nonce
    FROM json_populate_recordset(NULL::attendance, CAST(:rows AS json))
    ORDER BY event_id, person_id
    ON CONFLICT DO NOTHING
    """
)
_INSERT_CHECK_INS = text(
    """
    INSERT INTO check_ins (nonce, enrolment_id, person_ids, attended, at, desk)
    SELECT nonce, enrolment_id, person_ids, attended, at, desk
    FROM json_populate_recordset(NULL::check_ins, CAST(:rows AS json))
    ORDER BY nonce
    ON CONFLICT DO NOTHING RETURNING nonce
    """
)
_LOCK_DESK = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:desk, 7))")


async def lock_desk(session: AsyncSession, desk: str) -> bool:
    """Hold a desk until the transaction ends; False when another batch of it is under way.

    Nobody waits: a desk whose calls are cut and repeated would take all connections for itself.
    """
    held: bool = await session.scalar(_LOCK_DESK, {"desk": f"desk {desk}"})
    return held


async def find_check_ins(session: AsyncSession, nonces: Sequence[str]) -> dict[str, CheckIn]:
    """Read what was answered to these nonces."""
    rows = await session.execute(
        select(CHECK_INS, ENROLMENTS.c.event_id, ENROLMENTS.c.family_id)
        .join(ENROLMENTS, ENROLMENTS.c.id == CHECK_INS.c.enrolment_id)
        .where(CHECK_INS.c.nonce.in_(nonces))
    )
    return {row.nonce: _check_in(row) for row in rows}


async def record_attendance(
    session: AsyncSession, arrivals: Iterable[tuple[Enrolment, UUID, datetime, str]]
) -> None:
    """Record who was there, once a person and event: the first one to write it counts.

    In one order for everybody, so that two batches with the same persons never wait for each other.
    """
    rows: dict[tuple[UUID, UUID], dict[str, str]] = {}
    for enrolment, person_id, at, nonce in arrivals:
        row = {
            "event_id": str(enrolment.event_id),
            "person_id": str(person_id),
            "enrolment_id": str(enrolment.id),
            "at": at.isoformat(),
            "nonce": nonce,
        }
        rows.setdefault((enrolment.event_id, person_id), row)
    if rows:
        await session.execute(_RECORD_ATTENDANCE, {"rows": json.dumps([*rows.values()])})


async def find_attendance(
    session: AsyncSession,
    event_ids: Iterable[UUID],
    person_ids: Iterable[UUID],
    desks: Mapping[str, str | None],
) -> dict[UUID, dict[UUID, Attendance]]:
    """Read by event who of these persons was there, and which check-in said so.

    `desks` are those of check-ins that are not written down yet, by nonce.
    """
    rows = await session.execute(
        select(ATTENDANCE.c.event_id, ATTENDANCE.c.person_id, ATTENDANCE.c.nonce, CHECK_INS.c.desk)
        .outerjoin(CHECK_INS, CHECK_INS.c.nonce == ATTENDANCE.c.nonce)
        .where(
            ATTENDANCE.c.event_id == func.any(list(event_ids)),
            ATTENDANCE.c.person_id == func.any(list(person_ids)),
        )
    )
    found: dict[UUID, dict[UUID, Attendance]] = {}
    for row in rows:
        found.setdefault(row.event_id, {})[row.person_id] = Attendance(
            row.nonce, desks.get(row.nonce, row.desk)
        )
    return found


async def insert_check_ins(
    session: AsyncSession, check_ins: Sequence[CheckIn], desk: str | None
) -> bool:
    """Keep check-ins by their nonces; False when one is taken, also by a call that still runs."""
    if not check_ins:
        return True
    rows = [
        {
            "nonce": each.nonce,
            "enrolment_id": str(each.enrolment_id),
            "person_ids": [str(id_) for id_ in each.person_ids],
            "attended": [str(id_) for id_ in each.attended],
            "at": each.at.isoformat(),
            "desk": desk,
        }
        for each in check_ins
    ]
    kept = await session.execute(_INSERT_CHECK_INS, {"rows": json.dumps(rows)})
    return len(kept.all()) == len(rows)


async def find_family_members(session: AsyncSession, family_id: UUID) -> set[UUID]:
    """Read who is of a family."""
    return set(await session.scalars(select(PERSONS.c.id).where(PERSONS.c.family_id == family_id)))


def _check_in(row: Row[Any]) -> CheckIn:
    return CheckIn(
        nonce=row.nonce,
        enrolment_id=row.enrolment_id,
        event_id=row.event_id,
        family_id=row.family_id,
        person_ids=tuple(row.person_ids),
        at=row.at,
        attended=tuple(row.attended),
    )
