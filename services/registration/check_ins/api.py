"""The routes of check-ins."""

from typing import Any

from fastapi import APIRouter, Depends, Response

from services.registration.check_ins import handlers
from services.registration.check_ins.schemas import (
    Batch,
    CheckIn,
    NewCheckIn,
    Synced,
    SyncedBatch,
)
from shared.auth import require
from shared.transactions import Session, TransactionRoute

router = APIRouter(prefix="/v1/check-ins", route_class=TransactionRoute, tags=["check-ins"])

_writes = Depends(require("registrar"))

_AGAIN: dict[int | str, dict[str, Any]] = {
    200: {"model": CheckIn, "description": "This nonce is known; nothing changed."}
}


@router.post("", status_code=201, dependencies=[_writes], responses=_AGAIN)
async def check_in(body: NewCheckIn, response: Response, session: Session) -> CheckIn:
    """Record that persons were there; the same nonce again changes nothing."""
    made, is_new = await handlers.check_in(session, body.to_domain(), body.event_id)
    if not is_new:
        response.status_code = 200
    return CheckIn.of(made)


@router.post("/sync", dependencies=[_writes])
async def sync_check_ins(body: Batch, session: Session) -> SyncedBatch:
    """Bring what a desk did without the network; the same batch again changes nothing."""
    arrivals = [each.to_domain() for each in body.check_ins]
    synced = await handlers.sync_check_ins(session, body.desk, body.event_id, arrivals)
    return SyncedBatch(items=[Synced.of(each) for each in synced])
