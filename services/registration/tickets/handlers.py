"""The use cases of tickets."""

import asyncio
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.calendar import queries as calendar
from services.registration.desk.languages import Language
from services.registration.door.queries import find_event
from services.registration.enrolments import handlers as enrolments
from services.registration.enrolments.domain import Enrolment, new_ticket
from services.registration.tickets import queries
from services.registration.tickets.domain import Revocation, Ticket
from services.registration.tickets.keys import ticket_keys_of
from services.registration.tickets.printing import Printed, printed_ticket
from shared.problems import conflict, not_found


@dataclass(frozen=True, slots=True)
class Issued:
    """An enrolment's ticket as it stands; a cancelled one has no token any more."""

    enrolment: Enrolment
    ticket: Ticket
    token: str | None
    who: list[queries.Named]


@dataclass(frozen=True, slots=True)
class Revocations:
    """An event's revoked tickets behind a version, and the version up to which they reach."""

    event_id: UUID
    since: int
    version: int
    revoked: list[Revocation]
    more: bool
    signed: str


async def get_ticket(session: AsyncSession, enrolment_id: UUID) -> Issued:
    """Read an enrolment's ticket; that names were seen is written down.

    Raises:
        Problem: 404, no such enrolment.
    """
    enrolment = await enrolments.find_enrolment(session, enrolment_id)
    revoked = (await queries.find_revoked(session, [enrolment_id])).get(enrolment_id)
    await audit.record(session, "ticket.read", "enrolment", enrolment_id)
    return await _issued(session, enrolment, revoked)


async def get_token(session: AsyncSession, enrolment_id: UUID) -> str:
    """Read an enrolment's signed token, to draw it.

    Raises:
        Problem: 404, no such enrolment; 409, it is cancelled.
    """
    issued = await get_ticket(session, enrolment_id)
    if issued.token is None:
        raise _cancelled()
    return issued.token


async def print_ticket(session: AsyncSession, enrolment_id: UUID, language: Language) -> bytes:
    """Print an enrolment's ticket.

    Raises:
        Problem: 404, no such enrolment; 409, it is cancelled.
    """
    issued = await get_ticket(session, enrolment_id)
    event = await find_event(session, issued.enrolment.event_id)
    if issued.token is None or event is None:
        raise _cancelled()
    names = [each.name for each in issued.who]
    waits = issued.enrolment.status == "waitlisted"
    ticket = Printed(issued.token, issued.enrolment.ticket, names, waits)
    return await asyncio.to_thread(printed_ticket, event, ticket, language)


async def reissue_ticket(session: AsyncSession, enrolment_id: UUID, reason: str) -> Issued:
    """Make another ticket for an enrolment and revoke the one before, with its short code.

    Raises:
        Problem: 404, no such enrolment; 409, it is cancelled.
    """
    known = await enrolments.find_enrolment(session, enrolment_id)
    # The event's lock gives the list of revoked tickets its order.
    await calendar.lock_event(session, known.event_id)
    enrolment = await enrolments.find_enrolment(session, enrolment_id)
    if enrolment.status == "cancelled":
        raise _cancelled()
    before = (await queries.find_revoked(session, [enrolment_id])).get(enrolment_id)
    serial = before.serial + 1 if before else 1
    at = await queries.insert_reissue(session, enrolment, serial, reason)
    code = new_ticket()
    version = await queries.replace_code(session, enrolment_id, code)
    await audit.record(
        session, "ticket.reissued", "enrolment", enrolment_id, reason=reason, revoked_serial=serial
    )
    renewed = replace(enrolment, ticket=code, version=version)
    return await _issued(session, renewed, queries.Revoked(serial, at, "reissued"))


async def list_revocations(
    session: AsyncSession, event_id: UUID, since: int, limit: int
) -> Revocations:
    """Read an event's revoked tickets behind a version, signed.

    Raises:
        Problem: 404, no such event.
    """
    if await calendar.find_event(session, event_id) is None:
        raise not_found("event")
    found = await queries.list_revocations(session, event_id, since, limit + 1)
    revoked = found[:limit]
    version = revoked[-1].version if revoked else since
    signed = ticket_keys_of(session).sign_list(
        {
            "event_id": str(event_id),
            "since": since,
            "version": version,
            "revoked": [[str(each.enrolment_id), each.serial, each.cause] for each in revoked],
        }
    )
    return Revocations(event_id, since, version, revoked, len(found) > limit, signed)


def ticket_of(enrolment: Enrolment, revoked: queries.Revoked | None) -> Ticket:
    """Tell what the ticket of an enrolment says; that of a cancelled one is its last."""
    serial, issued_at = 1, enrolment.created_at
    if revoked is not None and enrolment.status == "cancelled":
        serial = revoked.serial
    elif revoked is not None:
        serial, issued_at = revoked.serial + 1, revoked.at
    return Ticket(
        event_id=enrolment.event_id,
        enrolment_id=enrolment.id,
        seats=enrolment.seats,
        serial=serial,
        issued_at=issued_at.replace(microsecond=0),
    )


async def _issued(
    session: AsyncSession, enrolment: Enrolment, revoked: queries.Revoked | None
) -> Issued:
    ticket = ticket_of(enrolment, revoked)
    cancelled = enrolment.status == "cancelled"
    return Issued(
        enrolment=enrolment,
        ticket=ticket,
        token=None if cancelled else ticket_keys_of(session).write(ticket),
        who=await queries.list_names(session, enrolment.person_ids),
    )


def _cancelled() -> Exception:
    return conflict("enrolment-cancelled", "This enrolment was cancelled; it has no ticket.")
