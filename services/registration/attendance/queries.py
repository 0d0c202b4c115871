"""Reads of who has seats and who was there."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.families import reach

# `az-x-icu` sorts as the Azerbaijani alphabet does: a b c ç d e ə f g ğ h x ı i …
_PEOPLE = """
    SELECT p.family_name, p.given_name, p.patronymic, f.origin_district, a.at
    FROM (
        SELECT unnest(person_ids) AS person_id FROM enrolments
        WHERE event_id = :event_id AND status = 'confirmed'
        UNION
        SELECT person_id FROM attendance WHERE event_id = :event_id
    ) AS expected
    JOIN persons p ON p.id = expected.person_id
    JOIN families f ON f.id = p.family_id
    LEFT JOIN attendance a ON a.event_id = :event_id AND a.person_id = p.id
    WHERE true {reached}
    ORDER BY p.family_name COLLATE "az-x-icu", p.given_name COLLATE "az-x-icu",
        p.patronymic COLLATE "az-x-icu", p.id
    """


@dataclass(frozen=True, slots=True)
class Person:
    """Who has a seat or was there; `at` is when they came, None for who did not."""

    name: str
    origin_district: str
    at: datetime | None


async def list_people(session: AsyncSession, event_id: UUID) -> list[Person]:
    """Read who has seats or was there, in the order of the Azerbaijani alphabet.

    Those of families out of reach are left out.
    """
    statement = text(_PEOPLE.format(reached=reach.sql("f.id")))
    rows = await session.execute(statement, {"event_id": event_id, **reach.parameters()})
    return [
        Person(
            " ".join(filter(None, (row.family_name, row.given_name, row.patronymic))),
            row.origin_district,
            row.at,
        )
        for row in rows
    ]
