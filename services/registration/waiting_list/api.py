"""The routes of the waiting list."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from services.registration.desk.languages import Language, language_of
from services.registration.enrolments.schemas import Enrolment
from services.registration.waiting_list import handlers
from services.registration.waiting_list.queries import Decision as DecisionRow
from services.registration.waiting_list.schemas import Decision, SeatDecision
from services.registration.waiting_list.sentences import sentence
from shared.auth import require
from shared.paging import DEFAULT_LIMIT, Cursor, Limit, Page, bad_cursor, decode_cursor, page
from shared.transactions import Session, TransactionRoute

router = APIRouter(
    prefix="/v1/enrolments/{enrolment_id}", route_class=TransactionRoute, tags=["waiting list"]
)

_writes = Depends(require("registrar"))
_decides = Depends(require("registrar", "organiser"))
_reads = Depends(require("registrar", "organiser", "auditor"))

_LAST_ENTRY = 2**63 - 1


@router.post("/accept", dependencies=[_writes])
async def accept_offer(enrolment_id: UUID, session: Session) -> Enrolment:
    """Take the seats that are offered; 409 when there is no offer, or not any more."""
    return Enrolment.of(await handlers.accept_offer(session, enrolment_id))


@router.post("/decline", dependencies=[_writes])
async def decline_offer(enrolment_id: UUID, session: Session) -> Enrolment:
    """Leave the offered seats to the next family and keep the place; to leave the list, cancel."""
    return Enrolment.of(await handlers.decline_offer(session, enrolment_id))


@router.post("/seat", dependencies=[_decides])
async def seat_family(enrolment_id: UUID, body: SeatDecision, session: Session) -> Enrolment:
    """Seat a waiting family out of order or over its district's cap, never over the capacity."""
    return Enrolment.of(await handlers.seat_by_decision(session, enrolment_id, body.reason))


@router.get("/decisions", dependencies=[_reads])
async def list_decisions(  # noqa: PLR0917  one parameter a query field
    enrolment_id: UUID,
    request: Request,
    session: Session,
    language: Annotated[
        Language | None, Query(description="Of the sentences; else by Accept-Language, else az.")
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[Decision]:
    """Tell why a family was seated or not, each time the list was walked, the newest first.

    A walk writes down the 200 families that wait longest, and all who get seats.
    """
    rows = await handlers.list_decisions(session, enrolment_id, _before(cursor), limit + 1)
    said_in = language or language_of(request)

    def item(row: DecisionRow) -> Decision:
        return Decision(
            at=row.at,
            cause=row.cause,
            reason=row.reason,
            free=row.free,
            needed=row.needed,
            sentence=sentence(row, said_in),
        )

    return page(rows, limit, item, lambda row: (str(row.entry),))


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    entry = decode_cursor(cursor, 1)[0]
    if not (entry.isascii() and entry.isdigit() and int(entry[:20]) <= _LAST_ENTRY):
        raise bad_cursor()
    return int(entry)
