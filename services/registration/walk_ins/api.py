"""The route of walk-ins."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.registration.check_ins.schemas import CheckIn
from services.registration.enrolments.schemas import Enrolment
from services.registration.walk_ins import handlers
from services.registration.walk_ins.schemas import NewWalkIn, WalkIn
from shared.auth import require
from shared.transactions import Session, TransactionRoute

router = APIRouter(prefix="/v1/events", route_class=TransactionRoute, tags=["check-ins"])

_writes = Depends(require("registrar"))

_AGAIN: dict[int | str, dict[str, Any]] = {
    200: {"model": WalkIn, "description": "This nonce is known; nothing changed."}
}


@router.post("/{event_id}/walk-ins", status_code=201, dependencies=[_writes], responses=_AGAIN)
async def record_walk_in(
    event_id: UUID, body: NewWalkIn, response: Response, session: Session
) -> WalkIn:
    """Register, seat and check in who came; 409 with `seats_left` when they do not fit."""
    enrolment, check_in, is_new = await handlers.record_walk_in(session, event_id, body.to_domain())
    if not is_new:
        response.status_code = 200
    return WalkIn(
        family_id=enrolment.family_id,
        enrolment=Enrolment.of(enrolment),
        check_in=CheckIn.of(check_in),
    )
