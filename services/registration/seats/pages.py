"""The pages of events: what comes, how full it is, and who is enrolled."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import StreamingResponse

from services.registration.desk.navigation import Place, places_of
from services.registration.desk.rendering import render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import signed_in
from services.registration.enrolments import handlers as enrolments
from services.registration.enrolments.domain import Status
from services.registration.families import handlers as families
from services.registration.search import box
from services.registration.search.handlers import Hit, search_by_family
from services.registration.seats import handlers
from services.registration.seats.live import SeatBoard
from services.registration.staff.domain import Staff
from shared.paging import Cursor, bad_cursor, decode_cursor, encode_cursor
from shared.transactions import Session

router = page_router()

Viewer = Annotated[Staff, Depends(signed_in("registrar", "organiser", "auditor", "operator"))]
Registrar = Annotated[Staff, Depends(signed_in("registrar"))]

_EVENTS = 30
_ENROLLED = 50
_FOUND = 10
_LAST_ENTRY = 2**63 - 1
_NAMES_FOR = {"registrar", "organiser", "auditor"}


@router.get("/events")
async def events(
    request: Request,
    session: Session,
    staff: Viewer,
    *,
    past: bool = False,
    family: UUID | None = None,
    cursor: Cursor = None,
) -> Response:
    """The events, the next one first; with a family, to choose one for it."""
    found = await handlers.list_events(session, _place(cursor), _EVENTS + 1, past=past)
    shown = found[:_EVENTS]
    of = await families.get_family(session, family) if family and _enrols(staff) else None
    more = len(found) > _EVENTS and shown[-1].starts_at is not None
    return render(
        request,
        "seats/events.html",
        events=shown,
        past=past,
        family=of,
        now=datetime.now(UTC),
        next=encode_cursor(shown[-1].starts_at.isoformat(), str(shown[-1].id))
        if more and shown[-1].starts_at
        else None,
    )


@router.get("/events/seats-stream")
async def seats_stream(request: Request, _: Viewer) -> Response:
    """Seats of the coming events as they change (server-sent events, HTML standard)."""
    board: SeatBoard = request.app.state.seat_board
    board.admit()
    return StreamingResponse(board.watch(), media_type="text/event-stream")


@router.get("/events/{event_id}")
async def event(
    request: Request,
    session: Session,
    event_id: UUID,
    staff: Viewer,
    s: box.Sealed = "",
    *,
    status: Status | None = None,
    cursor: Cursor = None,
) -> Response:
    """One event: its seats, a box to find who enrols, and who is enrolled or waits."""
    shown = await handlers.get_event(session, event_id)
    after, names = _entry(cursor), not staff.roles.isdisjoint(_NAMES_FOR)
    roster = (
        await enrolments.list_roster(session, event_id, status, after, _ENROLLED + 1)
        if names
        else []
    )
    text = box.opened(session, s)
    found: list[Hit] = []
    if text and _enrols(staff):
        found = await search_by_family(session, text, _FOUND)
    return render(
        request,
        "seats/event.html",
        event=shown,
        now=datetime.now(UTC),
        names=names,
        roster=roster[:_ENROLLED],
        status=status,
        next=encode_cursor(str(roster[_ENROLLED - 1].enrolment.entry))
        if len(roster) > _ENROLLED
        else None,
        q=text or "",
        lost=text is None,
        found=found,
        places=places_of(request, Place.EVENT, event_id=event_id),
    )


@router.post("/events/{event_id}")
async def look(session: Session, event_id: UUID, form: Form, _: Registrar) -> Response:
    """Go to who is found to enrol; the address does not tell what was typed."""
    return see(box.address_of(session, f"/events/{event_id}", box.text_of(form)))


def _enrols(staff: Staff) -> bool:
    return "registrar" in staff.roles


def _place(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    at, id_ = decode_cursor(cursor, 2)
    try:
        return datetime.fromisoformat(at).astimezone(UTC), UUID(id_)
    except (ValueError, OverflowError):
        raise bad_cursor() from None


def _entry(cursor: str | None) -> int:
    if cursor is None:
        return 0
    entry = decode_cursor(cursor, 1)[0]
    if not (entry.isascii() and entry.isdigit() and int(entry[:20]) <= _LAST_ENTRY):
        raise bad_cursor()
    return int(entry)
