"""Reads and writes of contacts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.contacts.tables import ContactRow


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


async def keep_newer(session: AsyncSession, contacts: Sequence[dict[str, Any]]) -> list[UUID]:
    """Insert or replace contacts, each only by a higher version; return which were changed.

    `known_since` becomes the earliest that was told, also by a lower version that came late: the
    person was there then, and is to be invited to what was published since.
    """
    statement = insert(ContactRow)
    told = statement.excluded
    is_newer = ContactRow.version < told.version
    facts = {
        name: case((is_newer, told[name]), else_=getattr(ContactRow, name))
        for name in contacts[0]
        if name not in {"person_id", "known_since"}
    }
    changed = await session.scalars(
        statement.on_conflict_do_update(
            index_elements=[ContactRow.person_id],
            set_={**facts, "known_since": func.least(ContactRow.known_since, told.known_since)},
            where=or_(is_newer, told.known_since < ContactRow.known_since),
        ).returning(ContactRow.person_id),
        sorted(contacts, key=lambda contact: contact["person_id"]),
    )
    return list(changed)


async def contacts_of(
    session: AsyncSession, *, persons: Iterable[UUID], families: Iterable[UUID]
) -> dict[UUID, Contact]:
    """Read the contacts of persons, and of all members of families, by person."""
    known = ContactRow.person_id.in_(sorted(set(persons)))
    related = ContactRow.family_id.in_(sorted(set(families)))
    rows = await session.execute(
        select(*(getattr(ContactRow, each.name) for each in fields(Contact)))
        .where(or_(known, related))
        .order_by(ContactRow.person_id)
    )
    return {row.person_id: Contact(*row) for row in rows}


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
