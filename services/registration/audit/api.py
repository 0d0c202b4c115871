"""The routes of the audit log."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.registration.audit import handlers
from services.registration.audit.domain import Wanted
from services.registration.audit.schemas import LONGEST_WORD, Entry, Head, before
from shared.auth import require
from shared.moments import Moment
from shared.paging import DEFAULT_LIMIT, Cursor, Limit, Page, bad_cursor, decode_cursor, page
from shared.text import Storable
from shared.transactions import Session, TransactionRoute

router = APIRouter(prefix="/v1/audit", route_class=TransactionRoute, tags=["audit"])

_reads = Depends(require("auditor"))


Word = Annotated[str | None, Query(max_length=LONGEST_WORD), Storable]


@router.get("", dependencies=[_reads])
async def search_audit_log(
    session: Session,
    *,
    actor: Word = None,
    action: Word = None,
    subject_type: Word = None,
    subject_id: Annotated[UUID | None, Query()] = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[Entry]:
    """Search the audit log, the newest first; the search itself is written down too."""
    wanted = Wanted(actor, action, subject_type, subject_id, since, until)
    found = await handlers.search(session, wanted, before(cursor), limit + 1)
    return page(found, limit, Entry.of, lambda placed: (str(placed.entry.entry),))


@router.get("/heads")
async def list_audit_heads(
    session: Session, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[Head]:
    """List the daily heads of the log's chain, the newest first (public)."""
    heads = await handlers.list_heads(session, _before_day(cursor), limit + 1)
    return page(heads, limit, Head.of, lambda head: (head.day.isoformat(),))


def _before_day(cursor: str | None) -> date | None:
    if cursor is None:
        return None
    try:
        return date.fromisoformat(decode_cursor(cursor, 1)[0])
    except ValueError:
        raise bad_cursor() from None
