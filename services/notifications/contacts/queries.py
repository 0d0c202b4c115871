"""Reads and writes of contacts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.contacts.sealed import address_index, open_address, seal_address
from services.notifications.contacts.tables import ContactRow
from shared.sealing import Sealer, sealer_of


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as far as telling a person something needs it."""

    person_id: UUID
    family_id: UUID | None
    erased: bool
    given_name: str | None
    family_name: str | None
    phone: str | None
    email: str | None
    language: str | None
    may_notify: bool


_SEALED = {"phone_sealed": "phone", "email_sealed": "email"}
_PLAIN = tuple(each.name for each in fields(Contact) if each.name not in _SEALED.values())


async def keep_newer(session: AsyncSession, contacts: Sequence[dict[str, Any]]) -> list[UUID]:
    """Insert or replace contacts, each only by a higher version; return which were changed.

    `phone` and `email` are sealed on the way.

    `known_since` becomes the earliest that was told, also by a lower version that came late: the
    person was there then, and is to be invited to what was published since.
    """
    sealer = sealer_of(session)
    rows = [_row(sealer, contact) for contact in contacts]
    statement = insert(ContactRow)
    told = statement.excluded
    is_newer = ContactRow.version < told.version
    facts = {
        name: case((is_newer, told[name]), else_=getattr(ContactRow, name))
        for name in rows[0]
        if name not in {"person_id", "known_since"}
    }
    changed = await session.scalars(
        statement.on_conflict_do_update(
            index_elements=[ContactRow.person_id],
            set_={**facts, "known_since": func.least(ContactRow.known_since, told.known_since)},
            where=or_(is_newer, told.known_since < ContactRow.known_since),
        ).returning(ContactRow.person_id),
        sorted(rows, key=lambda row: row["person_id"]),
    )
    return list(changed)


async def contacts_of(
    session: AsyncSession, *, persons: Iterable[UUID], families: Iterable[UUID]
) -> dict[UUID, Contact]:
    """Read the contacts of persons, and of all members of families, by person."""
    known = ContactRow.person_id.in_(sorted(set(persons)))
    related = ContactRow.family_id.in_(sorted(set(families)))
    rows = await session.execute(
        select(*(getattr(ContactRow, name) for name in (*_PLAIN, *_SEALED)))
        .where(or_(known, related))
        .order_by(ContactRow.person_id)
    )
    sealer = sealer_of(session)
    return {row["person_id"]: _contact(sealer, row) for row in rows.mappings()}


async def next_unreachable_versions(
    session: AsyncSession, persons: Iterable[UUID]
) -> dict[UUID, int]:
    """Count one more failure to reach each person; the count is the message's subject version."""
    rows = await session.execute(
        update(ContactRow)
        .where(ContactRow.person_id.in_(sorted(set(persons))))
        .values(unreachable_version=ContactRow.unreachable_version + 1)
        .returning(ContactRow.person_id, ContactRow.unreachable_version)
    )
    return dict(rows.tuples().all())


def _row(sealer: Sealer, contact: dict[str, Any]) -> dict[str, Any]:
    plain = {name: contact[name] for name in contact if name not in _SEALED.values()}
    sealed = {
        column: seal_address(sealer, contact[name]) if contact[name] else None
        for column, name in _SEALED.items()
    }
    address = contact["phone"] or contact["email"]
    return {
        **plain,
        **sealed,
        "address_index": address_index(sealer, address) if address else None,
    }


def _contact(sealer: Sealer, row: RowMapping) -> Contact:
    values: dict[str, Any] = {name: row[name] for name in _PLAIN}
    for column, name in _SEALED.items():
        values[name] = open_address(sealer, row[column]) if row[column] else None
    return Contact(**values)
