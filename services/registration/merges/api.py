"""The routes of merges."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.registration.family_changes.domain import Seen
from services.registration.merges import handlers
from services.registration.merges.schemas import Merge, NewMerge, Undo
from shared.auth import require
from shared.http import path_of
from shared.paging import DEFAULT_LIMIT, Cursor, Limit, Page, bad_cursor, decode_cursor, page
from shared.transactions import Session, TransactionRoute

router = APIRouter(prefix="/v1/merges", route_class=TransactionRoute, tags=["merges"])

_writes = Depends(require("registrar"))
_reads = Depends(require("registrar", "auditor"))

_LOCATION = {"Location": {"description": "The merge.", "schema": {"type": "string"}}}
_CREATED: dict[int | str, dict[str, Any]] = {201: {"headers": _LOCATION}}


@router.post("", status_code=201, dependencies=[_writes], responses=_CREATED)
async def merge(body: NewMerge, request: Request, response: Response, session: Session) -> Merge:
    """Make one registration of two, with everything that pointed to either; it can be undone."""
    made = await handlers.merge(
        session,
        Seen(body.kept_family_id, body.kept_version),
        Seen(body.merged_family_id, body.merged_version),
        body.plan(),
        reason=body.reason,
        case_id=body.case_id,
    )
    response.headers["Location"] = path_of(request, "get_merge", merge_id=made.id)
    return Merge.of(made)


@router.get("", dependencies=[_reads])
async def list_merges(
    session: Session,
    family_id: Annotated[UUID | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[Merge]:
    """List merges, the newest first."""
    merges = await handlers.list_merges(session, family_id, _before(cursor), limit + 1)
    return page(merges, limit, Merge.of, lambda made: (str(made.id),))


@router.get("/{merge_id}", dependencies=[_reads])
async def get_merge(merge_id: UUID, session: Session) -> Merge:
    """Read one merge."""
    return Merge.of(await handlers.get_merge(session, merge_id))


@router.post("/{merge_id}/undo", dependencies=[_writes])
async def undo_merge(merge_id: UUID, body: Undo, session: Session) -> Merge:
    """Make two registrations again; what was changed since stays as it was changed."""
    return Merge.of(await handlers.undo_merge(session, merge_id, body.reason))


def _before(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(decode_cursor(cursor, 1)[0])
    except ValueError:
        raise bad_cursor() from None
