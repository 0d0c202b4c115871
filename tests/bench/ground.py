"""What every measurement stands on: families, contacts and events put straight into the tables."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg

from services.notifications.contacts.sealed import address_index, seal_address
from shared.ids import new_id
from shared.sealing import Sealer

_WORDS = json.dumps({"az": "Məlumat seminarı", "en": "Seminar", "ru": "Семинар"})
_VENUE = json.dumps({"name": "Mədəniyyət Evi", "district": "AZ-BAR", "address": "Nizami 1"})


@dataclass(frozen=True)
class Household:
    """One family of one person, with a phone of its own."""

    family_id: UUID
    person_id: UUID
    phone: str


def households(many: int) -> list[Household]:
    """Make so many families."""
    return [Household(new_id(), new_id(), f"+99450{number:07d}") for number in range(many)]


async def know_contacts(
    database: asyncpg.Connection, sealer: Sealer, known: Sequence[Household]
) -> None:
    """Let the notifications service know how to reach them."""
    await database.executemany(
        """INSERT INTO notifications.contacts (person_id, version, known_since, erased, family_id,
            given_name, family_name, phone_sealed, address_index, language, origin_district,
            residence_district, may_notify, unreachable_version)
        VALUES ($1, 1, now(), false, $2, 'Əli', 'Həsənov', $3, $4, 'az', 'AZ-AGM', 'AZ-BAR',
            true, 0)""",
        [
            (
                each.person_id,
                each.family_id,
                seal_address(sealer, each.phone),
                address_index(sealer, each.phone),
            )
            for each in known
        ],
    )


async def know_event(database: asyncpg.Connection) -> UUID:
    """Let the notifications service know an event."""
    event_id, starts_at = new_id(), datetime.now(UTC) + timedelta(days=10)
    await database.execute(
        """INSERT INTO notifications.events (id, status, status_version, facts_version, title,
            venue, audience, starts_at, ends_at, enrolment_closes_at)
        VALUES ($1, 'published', 2, 2, $2, $3, '{}', $4, $5, $4)""",
        event_id,
        _WORDS,
        _VENUE,
        starts_at,
        starts_at + timedelta(hours=2),
    )
    return event_id


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
