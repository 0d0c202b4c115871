"""The rows of exported lists, read by a cursor of the database so that none is kept."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit.tables import AUDIT_ENTRIES
from services.registration.check_ins.tables import AttendanceRow
from services.registration.duplicates.tables import CASES
from services.registration.enrolments.tables import EnrolmentRow
from services.registration.exports.domain import List
from services.registration.families.sealed import open_address
from services.registration.families.tables import EMAIL, FAMILIES, FIN, PERSONS, PHONE
from shared.sealing import Sealer, sealer_of

BATCH = 500
_SEALED = {"fin": FIN, "phone": PHONE, "email": EMAIL}
_F, _P, _E, _A = FAMILIES.c, PERSONS.c, EnrolmentRow.__table__.c, AttendanceRow.__table__.c
_LOG, _C = AUDIT_ENTRIES.c, CASES.c

_WAITING = (
    select(
        _E.id,
        _E.event_id,
        func.row_number().over(partition_by=_E.event_id, order_by=_E.entry).label("place"),
    )
    .where(_E.status == "waitlisted")
    .subquery("waiting")
)
"""The places of all who wait: who gets a district's families still learns their real places."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which list, of which event, within which district, and which of its columns."""

    list: List
    columns: Sequence[str]
    event_id: UUID | None
    district: str | None


async def stream(session: AsyncSession, wanted: Wanted) -> AsyncIterator[list[Any]]:
    """Give the rows of a list, some at a time, as values in the order of the columns."""
    known = _columns(wanted.list)
    statement = _from(wanted).with_only_columns(
        *(known[name].label(name) for name in wanted.columns)
    )
    sealer = sealer_of(session)
    result = await session.stream(statement.execution_options(yield_per=BATCH))
    async for rows in result.partitions(BATCH):
        yield [
            [_opened(sealer, name, cell) for name, cell in zip(wanted.columns, row, strict=True)]
            for row in rows
        ]


def _opened(sealer: Sealer, name: str, cell: Any) -> Any:
    if name == "address":
        return open_address(sealer, cell)
    return sealer.open(cell, _SEALED[name]) if name in _SEALED and cell is not None else cell


def _columns(wanted: List) -> dict[str, ColumnElement[Any]]:
    person: dict[str, ColumnElement[Any]] = {
        "person_id": _P.id,
        "fin": _P.fin_sealed,
        "phone": _P.phone_sealed,
        "email": _P.email_sealed,
        **{
            name: _P[name]
            for name in (
                "relation", "family_name", "given_name", "patronymic", "sex", "birth_date",
                "language",
            )
        },
    }  # fmt: skip
    family: dict[str, ColumnElement[Any]] = {
        "family_id": _F.id,
        "registered_at": _F.created_at,
        "address": _F.residence_address_sealed,
        "members": select(func.count()).where(_P.family_id == _F.id).scalar_subquery(),
        **{
            name: _F[name]
            for name in (
                "origin_district", "origin_settlement", "residence_district",
                "residence_settlement", "consent_basis", "consent_purposes", "consent_given_on",
            )
        },
    }  # fmt: skip
    if wanted == "families":
        other = PERSONS.alias("members")
        members = select(func.count()).select_from(other).where(other.c.family_id == _F.id)
        return {**person, **family, "members": members.scalar_subquery()}
    if wanted == "persons":
        return {**person, **family}
    if wanted == "attendance":
        attended = {
            "event_id": _A.event_id,
            "enrolment_id": _A.enrolment_id,
            "attended_at": _A.at,
        }
        return {**person, **family, **attended}
    if wanted == "duplicates":
        return {
            "case_id": _C.id,
            "reasons": _C.pairs,
            "found_at": _C.opened_at,
            **{name: _C[name] for name in ("family_a", "family_b", "state", "score")},
        }
    if wanted == "audit":
        return {
            **{column.name: column for column in _LOG},
            "network_address": _LOG.address,
        }
    return {
        **person,
        **family,
        "place": _WAITING.c.place,
        "enrolment_id": _E.id,
        "event_id": _E.event_id,
        "status": _E.status,
        "seats": _E.seats,
        "origin_district": _E.origin_district,
        "enrolled_at": _E.created_at,
    }


def _from(wanted: Wanted) -> Select[Any]:
    head = and_(_P.family_id == _F.id, _P.position == 0)
    reach = _within(wanted.district)
    if wanted.list == "families":
        joined: FromClause = FAMILIES.outerjoin(PERSONS, head)
        kept = _F.successor_id.is_(None)  # one that went into another family is no family any more
        return select().select_from(joined).where(kept, reach).order_by(_F.id)
    if wanted.list == "persons":
        joined = PERSONS.join(FAMILIES, _P.family_id == _F.id)
        return select().select_from(joined).where(reach).order_by(_P.family_id, _P.position)
    if wanted.list == "audit":
        return select().select_from(AUDIT_ENTRIES).order_by(_LOG.entry)
    if wanted.list == "duplicates":
        within = select(_F.id).where(reach)
        both = and_(_C.family_a.in_(within), _C.family_b.in_(within))
        shown = true() if wanted.district is None else both  # whoever sees a case sees both records
        return select().select_from(CASES).where(shown).order_by(_C.id)
    if wanted.list == "attendance":
        attendance = AttendanceRow.__table__
        joined = attendance.join(PERSONS, _P.id == _A.person_id).join(
            FAMILIES, _P.family_id == _F.id
        )
        of_event = _A.event_id == wanted.event_id
        return select().select_from(joined).where(of_event, reach).order_by(_A.at, _A.person_id)
    enrolments = EnrolmentRow.__table__
    joined = enrolments.join(FAMILIES, _E.family_id == _F.id).outerjoin(PERSONS, head)
    of_event = _E.event_id == wanted.event_id
    if wanted.list == "waiting-list":
        joined = joined.join(_WAITING, _WAITING.c.id == _E.id)
        of_event = _WAITING.c.event_id == wanted.event_id
    return select().select_from(joined).where(of_event, reach).order_by(_E.entry)


def _within(district: str | None) -> ColumnElement[bool]:
    """Staff who are bound to a district get the families that come from there or live there."""
    if district is None:
        return true()
    return or_(_F.origin_district == district, _F.residence_district == district)
