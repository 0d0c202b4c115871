"""The routes of enrolments."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.registration.enrolments import handlers
from services.registration.enrolments.domain import Status
from services.registration.enrolments.schemas import Cancellation, Enrolment, NewEnrolment
from shared.auth import require
from shared.http import path_of
from shared.paging import DEFAULT_LIMIT, Cursor, Limit, Page, bad_cursor, decode_cursor, page
from shared.transactions import Session, TransactionRoute

router = APIRouter(prefix="/v1", route_class=TransactionRoute, tags=["enrolments"])

_writes = Depends(require("registrar"))
_reads = Depends(require("registrar", "auditor"))
_reads_events = Depends(require("registrar", "organiser", "auditor"))

_LOCATION = {"Location": {"description": "The new enrolment.", "schema": {"type": "string"}}}
_CREATED: dict[int | str, dict[str, Any]] = {201: {"headers": _LOCATION}}

_LAST_ENTRY = 2**63 - 1


@router.post("/enrolments", status_code=201, dependencies=[_writes], responses=_CREATED)
async def enrol_family(
    body: NewEnrolment, request: Request, response: Response, session: Session
) -> Enrolment:
    """Seat a family whole, or let it wait whole when it does not fit."""
    enrolment = await handlers.enrol_family(session, body.event_id, body.family_id, body.person_ids)
    response.headers["Location"] = path_of(request, "get_enrolment", enrolment_id=enrolment.id)
    return Enrolment.of(enrolment)


@router.get("/enrolments/{enrolment_id}", dependencies=[_reads])
async def get_enrolment(enrolment_id: UUID, session: Session) -> Enrolment:
    """Read one enrolment."""
    return Enrolment.of(await handlers.get_enrolment(session, enrolment_id))


@router.post("/enrolments/{enrolment_id}/cancel", dependencies=[_writes])
async def cancel_enrolment(
    enrolment_id: UUID, session: Session, body: Cancellation | None = None
) -> Enrolment:
    """Free the seats and promote in order whoever fits; 409 when it is cancelled already."""
    by = (body or Cancellation()).by
    return Enrolment.of(await handlers.cancel_enrolment(session, enrolment_id, by))


@router.get("/events/{event_id}/enrolments", dependencies=[_reads_events])
async def list_enrolments(
    event_id: UUID,
    session: Session,
    status: Annotated[Status | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[Enrolment]:
    """List the enrolments of an event in the order they came."""
    enrolments = await handlers.list_enrolments(
        session, event_id, status, _after(cursor), limit + 1
    )
    return page(enrolments, limit, Enrolment.of, lambda each: (str(each.entry),))


def _after(cursor: str | None) -> int:
    if cursor is None:
        return 0
    entry = decode_cursor(cursor, 1)[0]
    if not (entry.isascii() and entry.isdigit() and int(entry[:20]) <= _LAST_ENTRY):
        raise bad_cursor()
    return int(entry)
