"""Offline desks: enrolled families put straight into the tables, and who checked in whom."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from services.registration.tickets.domain import Ticket
from services.registration.tickets.keys import TicketKeys
from shared.ids import new_id
from tests.system import System

DESKS, EACH = 20, 500
FAMILIES, MEMBERS = 3_000, 3


@dataclass
class Family:
    """Seats of a family, and its signed ticket."""

    enrolment_id: UUID
    person_ids: list[UUID]
    token: str


@dataclass
class Desk:
    """A tablet: what it did offline, and what it was answered."""

    name: str
    arrivals: list[dict[str, Any]]
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    cut: int = 0


async def families(system: System, event_id: UUID) -> list[Family]:
    """Put enrolled families straight into the tables."""
    keys = TicketKeys.from_file(system.around.keys_folder / "tickets.jwk")
    now, made = datetime.now(UTC), []
    for _ in range(FAMILIES):
        enrolment_id = new_id()
        token = keys.write(Ticket(event_id, enrolment_id, MEMBERS, 1, now))
        made.append(Family(enrolment_id, [new_id() for _ in range(MEMBERS)], token))
    async with system.database() as database:
        ids = [new_id() for _ in made]
        await database.execute(
            """INSERT INTO registration.families (id, version, origin_district, origin_settlement,
                residence_district, residence_settlement)
            SELECT id, 1, 'AZ-AGM', 'Novruzlu', 'AZ-BAR', 'Bərdə' FROM unnest($1::uuid[]) id""",
            ids,
        )
        await database.executemany(
            """INSERT INTO registration.enrolments (id, event_id, family_id, person_ids, seats,
                origin_district, status, ticket, version)
            VALUES ($1, $2, $3, $4, $5, 'AZ-AGM', 'confirmed', $6, 1)""",
            [
                (each.enrolment_id, event_id, id_, each.person_ids, MEMBERS, uuid4().hex)
                for id_, each in zip(ids, made, strict=True)
            ],
        )
    return made


def offline(enrolled: Sequence[Family], chance: random.Random) -> list[Desk]:
    """Let every desk check in whoever comes, some of them seen at another desk too."""
    desks = []
    for number in range(DESKS):
        arrivals = []
        for family in chance.sample(enrolled, EACH):
            came = chance.sample(family.person_ids, chance.randint(1, MEMBERS))
            arrivals.append(
                {
                    "ticket": family.token,
                    "person_ids": [str(id_) for id_ in came],
                    "nonce": uuid4().hex,
                    "at": datetime.now(UTC).isoformat(),
                }
            )
        desks.append(Desk(f"desk {number}", arrivals))
    return desks
