"""The routes of tickets."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.registration.desk.languages import Language
from services.registration.tickets import drawing, handlers
from services.registration.tickets.keys import ticket_keys_of
from services.registration.tickets.schemas import KeySet, Reissue, Revocations, Ticket
from shared.auth import require
from shared.transactions import Session, TransactionRoute

router = APIRouter(prefix="/v1", route_class=TransactionRoute, tags=["tickets"])

_writes = Depends(require("registrar"))
_reads = Depends(require("registrar", "auditor"))
_reads_lists = Depends(require("registrar", "organiser", "auditor", "operator"))

_LAST_VERSION = 2**63 - 1
_MOST_REVOKED = 1000
_PRIVATE = {"Cache-Control": "private, no-store"}


def _is(media_type: str) -> dict[int | str, dict[str, Any]]:
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    return {200: {"content": content, "description": "The ticket."}}


@router.get("/enrolments/{enrolment_id}/ticket", dependencies=[_reads])
async def get_ticket(enrolment_id: UUID, session: Session) -> Ticket:
    """Read an enrolment's ticket: the signed token, the short code, and whom it is for."""
    return Ticket.of(await handlers.get_ticket(session, enrolment_id))


@router.get(
    "/enrolments/{enrolment_id}/ticket.svg",
    dependencies=[_reads],
    response_class=Response,
    responses=_is("image/svg+xml"),
)
async def draw_ticket_svg(enrolment_id: UUID, session: Session) -> Response:
    """Draw the ticket's QR code as SVG; 409 when the enrolment is cancelled."""
    token = await handlers.get_token(session, enrolment_id)
    return Response(drawing.as_svg(token), 200, _PRIVATE, "image/svg+xml")


@router.get(
    "/enrolments/{enrolment_id}/ticket.png",
    dependencies=[_reads],
    response_class=Response,
    responses=_is("image/png"),
)
async def draw_ticket_png(enrolment_id: UUID, session: Session) -> Response:
    """Draw the ticket's QR code as PNG; 409 when the enrolment is cancelled."""
    token = await handlers.get_token(session, enrolment_id)
    return Response(drawing.as_png(token), 200, _PRIVATE, "image/png")


@router.get(
    "/enrolments/{enrolment_id}/ticket.pdf",
    dependencies=[_reads],
    response_class=Response,
    responses=_is("application/pdf"),
)
async def print_ticket(
    enrolment_id: UUID, session: Session, language: Annotated[Language, Query()] = "az"
) -> Response:
    """Print the ticket on A6 with the names of its holders; 409 when the enrolment is cancelled."""
    content = await handlers.print_ticket(session, enrolment_id, language)
    return Response(content, 200, _PRIVATE, "application/pdf")


@router.post("/enrolments/{enrolment_id}/ticket/reissue", dependencies=[_writes])
async def reissue_ticket(enrolment_id: UUID, body: Reissue, session: Session) -> Ticket:
    """Make another ticket and revoke the one before; 409 when the enrolment is cancelled."""
    return Ticket.of(await handlers.reissue_ticket(session, enrolment_id, body.reason))


@router.get("/tickets/keys")
async def get_ticket_keys(session: Session) -> KeySet:
    """Read the public keys that verify tickets and lists of revoked ones. Public."""
    return KeySet(keys=ticket_keys_of(session).public_set["keys"])


@router.get("/events/{event_id}/revocations", dependencies=[_reads_lists])
async def list_revocations(
    event_id: UUID,
    session: Session,
    since: Annotated[
        int, Query(ge=0, le=_LAST_VERSION, description="`version` of the list before.")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST_REVOKED)] = _MOST_REVOKED,
) -> Revocations:
    """List an event's revoked tickets, signed; ask again `since` the last version for the rest."""
    return Revocations.of(await handlers.list_revocations(session, event_id, since, limit))
