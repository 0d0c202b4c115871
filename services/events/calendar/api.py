"""Public `/v1/calendar`: what was published, also once it was cancelled or held."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.events.calendar import domain, handlers
from services.events.calendar.queries import Wanted
from services.events.calendar.schemas import CalendarEntry
from services.events.planning.domain import Kind
from services.events.planning.tables import EventRow
from shared import paging
from shared.districts import District
from shared.moments import EARLIEST, LATEST
from shared.transactions import Session, TransactionRoute

router = APIRouter(prefix="/v1/calendar", route_class=TransactionRoute, tags=["calendar (public)"])

CACHED = "public, max-age=30"
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "Cache-Control": {"description": f"`{CACHED}`", "schema": {"type": "string"}},
        }
    }
}

Day = Annotated[date | None, Query(ge=domain.FIRST_DAY, le=domain.LAST_DAY)]


@router.get("", responses=RESPONSES)
async def list_calendar(  # noqa: PLR0917  one parameter a filter
    session: Session,
    response: Response,
    limit: paging.Limit = paging.DEFAULT_LIMIT,
    cursor: paging.Cursor = None,
    district: Annotated[District | None, Query(description="Held in this district.")] = None,
    origin: Annotated[
        District | None, Query(description="Open to families displaced from this district.")
    ] = None,
    kind: Annotated[Kind | None, Query(description="Only of this kind.")] = None,
    first: Annotated[Day, Query(alias="from", description="Starts on this day or later.")] = None,
    last: Annotated[Day, Query(alias="to", description="Starts on this day or earlier.")] = None,
) -> paging.Page[CalendarEntry]:
    """List what was published, the latest start first; days are those of Asia/Baku."""
    wanted = Wanted(
        district=district,
        origin=origin,
        kind=kind,
        starts_from=domain.start_of_day(first) if first else None,
        starts_before=domain.end_of_day(last) if last else None,
    )
    place = _place(cursor) if cursor else None
    rows = await handlers.list_entries(session, wanted, place, limit + 1)
    response.headers["Cache-Control"] = CACHED
    return paging.page(rows, limit, _entry, lambda row: (row.starts_at.isoformat(), str(row.id)))


@router.get("/{event_id}", responses=RESPONSES)
async def show_calendar_entry(
    session: Session, response: Response, event_id: UUID
) -> CalendarEntry:
    """Show one published event; a draft is not found."""
    row = await handlers.show_entry(session, event_id)
    response.headers["Cache-Control"] = CACHED
    return _entry(row)


def _place(cursor: str) -> tuple[datetime, UUID]:
    starts_at, event_id = paging.decode_cursor(cursor, 2)
    try:
        place = datetime.fromisoformat(starts_at), UUID(event_id)
    except ValueError:
        raise paging.bad_cursor() from None
    if place[0].tzinfo is None or not EARLIEST <= place[0] < LATEST:
        raise paging.bad_cursor()
    return place


def _entry(row: EventRow) -> CalendarEntry:
    return CalendarEntry.model_validate(row, from_attributes=True)
