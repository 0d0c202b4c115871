"""The routes of conflicts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.registration.check_in_conflicts import handlers
from services.registration.check_in_conflicts.domain import Conflict as Found
from services.registration.check_in_conflicts.schemas import Conflict, Settlement
from shared.auth import require
from shared.paging import DEFAULT_LIMIT, Cursor, Limit, Page, bad_cursor, decode_cursor, page
from shared.transactions import Session, TransactionRoute

router = APIRouter(prefix="/v1", route_class=TransactionRoute, tags=["check-ins"])

_writes = Depends(require("registrar"))
_reads = Depends(require("registrar", "auditor"))

Open = Annotated[bool, Query(description="Only those that wait for a decision.")]

_LAST_ENTRY = 2**63 - 1


@router.get("/check-in-conflicts", dependencies=[_reads])
async def list_conflicts(
    session: Session, open: Open = False, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[Conflict]:
    """List the conflicts of all events in the order they came."""
    found = await handlers.list_conflicts(session, None, open, _after(cursor), limit + 1)
    return _page(found, limit)


@router.get("/events/{event_id}/check-in-conflicts", dependencies=[_reads])
async def list_event_conflicts(
    event_id: UUID,
    session: Session,
    open: Open = False,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[Conflict]:
    """List the conflicts of an event in the order they came."""
    found = await handlers.list_conflicts(session, event_id, open, _after(cursor), limit + 1)
    return _page(found, limit)


@router.post("/check-in-conflicts/{conflict_id}/settle", dependencies=[_writes])
async def settle_conflict(conflict_id: UUID, body: Settlement, session: Session) -> Conflict:
    """Settle a conflict, once: when accepted, its persons count as having been there."""
    return Conflict.of(
        await handlers.settle_conflict(session, conflict_id, body.decision, body.reason)
    )


def _page(found: list[Found], limit: int) -> Page[Conflict]:
    return page(found, limit, Conflict.of, lambda each: (str(each.entry),))


def _after(cursor: str | None) -> int:
    if cursor is None:
        return 0
    entry = decode_cursor(cursor, 1)[0]
    if not (entry.isascii() and entry.isdigit() and int(entry[:20]) <= _LAST_ENTRY):
        raise bad_cursor()
    return int(entry)
