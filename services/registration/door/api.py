"""The route of the door."""

from uuid import UUID

from fastapi import APIRouter, Depends

from services.registration.door.schemas import Sheet
from services.registration.door.sheets import sheet_page
from shared.auth import require
from shared.paging import DEFAULT_LIMIT, Cursor, Limit
from shared.transactions import Session, TransactionRoute

router = APIRouter(prefix="/v1/events", route_class=TransactionRoute, tags=["check-ins"])

_reads = Depends(require("registrar"))


@router.get("/{event_id}/check-in-sheet", dependencies=[_reads])
async def take_check_in_sheet(
    event_id: UUID, session: Session, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Sheet:
    """Take what a desk needs to check people in without the network, enrolments by the page."""
    return await sheet_page(session, event_id, limit, cursor)
