"""The use case of the door."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.door import queries
from services.registration.tickets import queries as tickets
from services.registration.tickets.keys import ticket_keys_of
from shared.problems import not_found


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a desk needs to check people in without the network: a page of an event's enrolments.

    `serials` are the tickets that count now, by enrolment.
    """

    event: queries.Event
    keys: list[dict[str, Any]]
    lines: list[queries.Line]
    serials: dict[UUID, int]


async def get_event(session: AsyncSession, event_id: UUID) -> queries.Event:
    """Read what a desk shows of its event.

    Raises:
        Problem: 404, no such event.
    """
    event = await queries.find_event(session, event_id)
    if event is None:
        raise not_found("event")
    return event


async def take_sheet(session: AsyncSession, event_id: UUID, after: int, limit: int) -> Sheet:
    """Read a page of the sheet; that names left for a device is written down, once a sheet.

    Raises:
        Problem: 404, no such event.
    """
    event = await get_event(session, event_id)
    lines = await queries.list_lines(session, event_id, after, limit)
    revoked = await tickets.find_revoked(session, [line.enrolment_id for line in lines])
    if after == 0:
        await audit.record(session, "check_in_sheet.taken", "event", event_id)
    return Sheet(
        event,
        ticket_keys_of(session).public_set["keys"],
        lines,
        {
            line.enrolment_id: revoked[line.enrolment_id].serial + 1
            if line.enrolment_id in revoked
            else 1
            for line in lines
        },
    )
