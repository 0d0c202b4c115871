"""The route of seats."""

from dataclasses import asdict
from uuid import UUID

from fastapi import APIRouter, Depends

from services.registration.seats import handlers
from services.registration.seats.schemas import DistrictSeats, Seats
from shared.auth import require
from shared.transactions import Session, TransactionRoute

router = APIRouter(prefix="/v1/events", route_class=TransactionRoute, tags=["seats"])

_reads = Depends(require("registrar", "organiser", "auditor", "operator"))


@router.get("/{event_id}/seats", dependencies=[_reads], response_model_exclude_none=True)
async def get_seats(event_id: UUID, session: Session) -> Seats:
    """Count how full an event is, in people."""
    seats, districts = await handlers.get_seats(session, event_id)
    return Seats(
        capacity=seats.capacity,
        confirmed=seats.confirmed,
        waitlisted=seats.waitlisted,
        attended=seats.attended,
        offered=seats.offered or None,
        over=seats.over or None,
        districts=[DistrictSeats(**asdict(each), over=each.over) for each in districts] or None,
    )
