"""Reads and writes of families."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import Row, RowMapping, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.duplicates.marking import mark
from services.registration.families.domain import (
    Channel,
    Consent,
    Family,
    Member,
    Origin,
    Person,
    Residence,
    Unreachable,
)
from services.registration.families.reach import within
from services.registration.families.sealed import (
    fin_index,
    open_address,
    open_member,
    seal_address,
    seal_member,
)
from services.registration.families.tables import FAMILIES, PERSONS
from services.registration.search.indexing import index_families
from shared.sealing import Sealer, sealer_of

_SEALED = {"fin", "phone", "email"}
_PLAIN = tuple(field.name for field in fields(Member) if field.name not in _SEALED)
_UNIQUE_VIOLATION = "23505"


class FinRegisteredError(Exception):
    """A FIN belongs to somebody of another family."""

    def __init__(self, fin: str, family_id: UUID) -> None:
        super().__init__("this FIN is registered")
        self.fin = fin
        self.family_id = family_id


async def find_family(session: AsyncSession, family_id: UUID) -> Family | None:
    """Read one family that is within reach."""
    statement = select(FAMILIES).where(FAMILIES.c.id == family_id, within())
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else (await with_persons(session, [row]))[0]


async def lock_family(session: AsyncSession, family_id: UUID) -> Family | None:
    """Read one family within reach and hold it and its persons until the transaction ends.

    An enrolment, which only refers to the family, does not wait for it.
    """
    statement = select(FAMILIES).where(FAMILIES.c.id == family_id, within())
    statement = statement.with_for_update(key_share=True)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else (await with_persons(session, [row], lock=True))[0]


async def insert_families(session: AsyncSession, families: Sequence[Family]) -> None:
    """Write new families, in as many statements as for one.

    Raises:
        FinRegisteredError: one of their FINs is taken, also by a call that ran at the same time.
    """
    sealer = sealer_of(session)
    await session.execute(
        insert(FAMILIES),
        [
            {"id": each.id, "created_at": each.created_at, **family_values(sealer, each)}
            for each in families
        ],
    )
    await _write_persons(session, families)
    await index_families(session, families)
    await mark(session, [family.id for family in families])


async def update_family(
    session: AsyncSession, before: Family, after: Family, moved: Collection[UUID] = ()
) -> None:
    """Write what changed of a locked family; `moved` are persons that another family takes over.

    Raises:
        FinRegisteredError: one of its FINs is taken, also by a call that ran at the same time.
    """
    values = family_values(sealer_of(session), after)
    await session.execute(update(FAMILIES).where(FAMILIES.c.id == after.id).values(**values))
    if before.persons != after.persons:
        await _update_persons(session, before, after, moved)
    await index_families(session, [after])
    await mark(session, [after.id])


async def _update_persons(
    session: AsyncSession, before: Family, after: Family, moved: Collection[UUID]
) -> None:
    kept = {person.id: person for person in after.persons}
    removed = [
        person.id for person in before.persons if person.id not in kept and person.id not in moved
    ]
    await session.execute(delete(PERSONS).where(PERSONS.c.id.in_(removed)))
    # Cleared first, so that two members can swap the FINs that were typed the wrong way round.
    retyped = [
        person.id
        for person in before.persons
        if person.id in kept and kept[person.id].member.fin != person.member.fin
    ]
    await session.execute(
        update(PERSONS).where(PERSONS.c.id.in_(retyped)).values(fin_sealed=None, fin_index=None)
    )
    if after.persons:
        await _write_persons(session, [after])


@dataclass(frozen=True, slots=True)
class Reported:
    """What was heard last about one channel of a person; without a reason it is reachable."""

    person_id: UUID
    channel: Channel
    reason: str
    version: int


async def mark_unreachable(session: AsyncSession, reported: Reported) -> bool:
    """Keep that an address leads nowhere; a report that is not newer changes nothing: False."""
    version = PERSONS.c[f"{reported.channel}_unreachable_version"]
    marked = await session.scalar(
        update(PERSONS)
        .where(PERSONS.c.id == reported.person_id, version < reported.version)
        .values(
            {
                PERSONS.c[f"{reported.channel}_unreachable"]: reported.reason,
                version: reported.version,
            }
        )
        .returning(PERSONS.c.id)
    )
    return marked is not None


async def with_persons(
    session: AsyncSession, rows: Sequence[Row[Any]], *, lock: bool = False
) -> list[Family]:
    """Make families of their rows, reading all their persons at once."""
    # Locked by id, as the subscribers do, so that neither waits for the other.
    statement = (
        select(PERSONS)
        .where(PERSONS.c.family_id.in_([row.id for row in rows]))
        .order_by(PERSONS.c.id)
    )
    if lock:
        statement = statement.with_for_update()
    found = (await session.execute(statement)).mappings().all()
    sealer = sealer_of(session)
    persons: dict[UUID, list[Person]] = {row.id: [] for row in rows}
    for person in sorted(found, key=lambda person: person["position"]):
        persons[person["family_id"]].append(_person(sealer, person))
    return [_family(sealer, row, persons[row.id]) for row in rows]


async def _write_persons(session: AsyncSession, families: Sequence[Family]) -> None:
    sealer = sealer_of(session)
    rows = [
        person_values(sealer, family.id, place, person)
        for family in families
        for place, person in enumerate(family.persons)
    ]
    # In one order for everybody, so that two calls with the same FINs never wait for each other.
    rows.sort(key=lambda row: row["fin_index"] or b"")
    statement = insert(PERSONS)
    replaced = {name: statement.excluded[name] for name in rows[0] if name != "id"}
    try:
        async with session.begin_nested():
            await session.execute(
                statement.on_conflict_do_update(index_elements=["id"], set_=replaced), rows
            )
    except IntegrityError as failure:
        if getattr(failure.orig, "sqlstate", None) != _UNIQUE_VIOLATION:
            raise
        taken = await _fin_registered(session, families)
        if taken is None:
            raise
        raise taken from None


async def registered_fins(session: AsyncSession, families: Sequence[Family]) -> dict[str, UUID]:
    """Tell which FINs of some families are registered in others, and in which."""
    sealer = sealer_of(session)
    fins = {
        fin_index(sealer, fin): fin
        for family in families
        for each in family.persons
        if (fin := each.member.fin)
    }
    own = [family.id for family in families]
    statement = (
        select(PERSONS.c.fin_index, PERSONS.c.family_id)
        .where(PERSONS.c.fin_index.in_(list(fins)), PERSONS.c.family_id.not_in(own))
        .order_by(PERSONS.c.fin_index)
    )
    return {fins[row.fin_index]: row.family_id for row in await session.execute(statement)}


async def _fin_registered(
    session: AsyncSession, families: Sequence[Family]
) -> FinRegisteredError | None:
    for fin, family_id in (await registered_fins(session, families)).items():
        return FinRegisteredError(fin, family_id)
    return None


def family_values(sealer: Sealer, family: Family) -> dict[str, Any]:
    """Make the columns of a family that may change."""
    consent = family.consent
    return {
        "version": family.version,
        "origin_district": family.origin.district,
        "origin_settlement": family.origin.settlement,
        "residence_district": family.residence.district,
        "residence_settlement": family.residence.settlement,
        "residence_address_sealed": seal_address(sealer, family.residence.address),
        "consent_basis": consent.basis if consent else None,
        "consent_purposes": list(consent.purposes) if consent else None,
        "consent_given_by": consent.given_by if consent else None,
        "consent_given_on": consent.given_on if consent else None,
        "successor_id": family.successor_id,
    }


def person_values(sealer: Sealer, family_id: UUID, position: int, person: Person) -> dict[str, Any]:
    """Make the columns of a person."""
    member = person.member
    return {
        "id": person.id,
        "family_id": family_id,
        "position": position,
        "version": person.version,
        **{name: getattr(member, name) for name in _PLAIN},
        **seal_member(sealer, member),
        "sms_unreachable": person.unreachable.sms,
        "email_unreachable": person.unreachable.email,
    }


def _person(sealer: Sealer, row: RowMapping) -> Person:
    plain = {name: row[name] for name in _PLAIN}
    return Person(
        id=row["id"],
        version=row["version"],
        member=Member(**plain, **open_member(sealer, row)),
        unreachable=Unreachable(row["sms_unreachable"], row["email_unreachable"]),
    )


def _family(sealer: Sealer, row: Row[Any], persons: Sequence[Person]) -> Family:
    address = open_address(sealer, row.residence_address_sealed)
    return Family(
        id=row.id,
        version=row.version,
        created_at=row.created_at,
        origin=Origin(row.origin_district, row.origin_settlement),
        residence=Residence(row.residence_district, row.residence_settlement, address),
        consent=_consent(row),
        persons=tuple(persons),
        successor_id=row.successor_id,
    )


def _consent(row: Row[Any]) -> Consent | None:
    if row.consent_basis is None:
        return None
    return Consent(
        row.consent_basis,
        tuple(row.consent_purposes),
        row.consent_given_by,
        row.consent_given_on,
    )
