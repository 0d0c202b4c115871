"""Reads and writes of contacts."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.contacts.tables import ContactRow


async def keep_newer(session: AsyncSession, contacts: Sequence[dict[str, Any]]) -> list[UUID]:
    """Insert or replace contacts, each only by a higher version; return which were changed.

    `known_since` stays the earliest that was told.
    """
    statement = insert(ContactRow)
    told = statement.excluded
    facts = {name: told[name] for name in contacts[0] if name not in {"person_id", "known_since"}}
    changed = await session.scalars(
        statement.on_conflict_do_update(
            index_elements=[ContactRow.person_id],
            set_={**facts, "known_since": func.least(ContactRow.known_since, told.known_since)},
            where=ContactRow.version < told.version,
        ).returning(ContactRow.person_id),
        sorted(contacts, key=lambda contact: contact["person_id"]),
    )
    return list(changed)


async def contacts_of(
    session: AsyncSession, *, persons: Iterable[UUID], families: Iterable[UUID]
) -> dict[UUID, ContactRow]:
    """Read the contacts of persons, and of all members of families, by person."""
    rows = await session.scalars(
        select(ContactRow)
        .where(
            or_(
                ContactRow.person_id.in_(sorted(set(persons))),
                ContactRow.family_id.in_(sorted(set(families))),
            )
        )
        .order_by(ContactRow.person_id)
    )
    return {row.person_id: row for row in rows}


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
