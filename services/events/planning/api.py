"""`/v1/events`: for organisers; auditors and registrars may look."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.events.planning import handlers
from services.events.planning.domain import Kind, Status
from services.events.planning.schemas import (
    Cancellation,
    Completion,
    Event,
    EventPatch,
    NewEvent,
    Rescheduling,
)
from services.events.planning.tables import EventRow
from shared import paging
from shared.auth import require
from shared.http import path_of
from shared.transactions import Session, TransactionRoute
from shared.versions import IfMatch, set_etag

router = APIRouter(prefix="/v1/events", route_class=TransactionRoute, tags=["events"])

WRITE = [Depends(require("organiser"))]
READ = [Depends(require("organiser", "auditor", "registrar"))]

ETAG: dict[str, Any] = {"ETag": {"description": "The version.", "schema": {"type": "string"}}}
LOCATION: dict[str, Any] = {
    "Location": {"description": "Where the event is.", "schema": {"type": "string"}}
}
ONE_EVENT: dict[int | str, dict[str, Any]] = {200: {"headers": ETAG}}


@router.post(
    "",
    status_code=201,
    dependencies=WRITE,
    responses={201: {"headers": {**ETAG, **LOCATION}}},
)
async def draft_event(
    session: Session, request: Request, response: Response, body: NewEvent
) -> Event:
    """Write a draft; title and summary may still lack languages."""
    row = await handlers.draft_event(session, body)
    response.headers["Location"] = path_of(request, "show_event", event_id=row.id)
    return _answer(response, row)


@router.get("", dependencies=READ)
async def list_events(
    session: Session,
    limit: paging.Limit = paging.DEFAULT_LIMIT,
    cursor: paging.Cursor = None,
    status: Annotated[Status | None, Query(description="Only in this status.")] = None,
    kind: Annotated[Kind | None, Query(description="Only of this kind.")] = None,
) -> paging.Page[Event]:
    """List events in every status, the newest made first."""
    before = _place(cursor) if cursor else None
    rows = await handlers.list_events(
        session, before=before, status=status, kind=kind, limit=limit + 1
    )
    return paging.page(rows, limit, _event, lambda row: (str(row.id),))


@router.get("/{event_id}", dependencies=READ, responses=ONE_EVENT)
async def show_event(session: Session, response: Response, event_id: UUID) -> Event:
    """Show one event in any status."""
    return _answer(response, await handlers.show_event(session, event_id))


@router.patch("/{event_id}", dependencies=WRITE, responses=ONE_EVENT)
async def change_event(
    session: Session, response: Response, event_id: UUID, if_match: IfMatch, body: EventPatch
) -> Event:
    """Change a draft, or a published event but for its start and end (those: `/reschedule`).

    What is left out stays as it is, also languages of a text. Everyone who takes part learns of
    the change of a published event by message, with the reason.
    """
    return _answer(response, await handlers.change_event(session, event_id, if_match, body))


@router.delete("/{event_id}", status_code=204, dependencies=WRITE)
async def delete_draft(session: Session, event_id: UUID, if_match: IfMatch) -> None:
    """Remove a draft. What was published is cancelled, never removed."""
    await handlers.delete_draft(session, event_id, if_match)


@router.post("/{event_id}/publish", dependencies=WRITE, responses=ONE_EVENT)
async def publish_event(session: Session, response: Response, event_id: UUID) -> Event:
    """Open a draft to its audience; title and summary must be there in all three languages."""
    return _answer(response, await handlers.publish_event(session, event_id))


@router.post("/{event_id}/reschedule", dependencies=WRITE, responses=ONE_EVENT)
async def reschedule_event(
    session: Session, response: Response, event_id: UUID, body: Rescheduling
) -> Event:
    """Move a published event.

    Without an `enrolment_closes_at` enrolment closes as long before the start as it did before.
    """
    return _answer(response, await handlers.reschedule_event(session, event_id, body))


@router.post("/{event_id}/cancel", dependencies=WRITE, responses=ONE_EVENT)
async def cancel_event(
    session: Session, response: Response, event_id: UUID, body: Cancellation
) -> Event:
    """Call a published event off. A draft is deleted instead."""
    return _answer(response, await handlers.cancel_event(session, event_id, body))


@router.post("/{event_id}/complete", dependencies=WRITE, responses=ONE_EVENT)
async def complete_event(
    session: Session, response: Response, event_id: UUID, body: Completion | None = None
) -> Event:
    """Note that a published event was held; the body may be left out."""
    return _answer(response, await handlers.complete_event(session, event_id, body or Completion()))


def _place(cursor: str) -> UUID:
    try:
        [event_id] = paging.decode_cursor(cursor, 1)
        return UUID(event_id)
    except ValueError:
        raise paging.bad_cursor() from None


def _answer(response: Response, row: EventRow) -> Event:
    set_etag(response, row.version)
    return _event(row)


def _event(row: EventRow) -> Event:
    return Event.model_validate(row, from_attributes=True)
