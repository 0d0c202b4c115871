"""The routes of discussion groups."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from services.registration.desk.languages import Language, language_of
from services.registration.groups import handlers
from services.registration.groups.handlers import Wish
from services.registration.groups.printing import print_sheet
from services.registration.groups.schemas import Groups, NewGroups
from shared.auth import require
from shared.transactions import Session, TransactionRoute

router = APIRouter(
    prefix="/v1/events/{event_id}/groups", route_class=TransactionRoute, tags=["groups"]
)

_writes = Depends(require("registrar", "organiser"))
_reads = Depends(require("registrar", "organiser", "auditor"))
_reads_names = Depends(require("registrar", "auditor"))

Version = Annotated[
    int | None, Query(ge=1, le=2**31 - 1, description="Left out: the last splitting.")
]

_HTML: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}}
}


@router.post("", status_code=201, dependencies=[_writes])
async def make_groups(event_id: UUID, body: NewGroups, session: Session) -> Groups:
    """Split the people of an event over groups, and keep it as the next version.

    Sizes differ by at most one where families or districts permit it; what is guaranteed stands in
    `services/registration/groups/domain.py`. 409 when there is nobody to split.
    """
    wish = Wish(body.count, body.by, body.families, body.of, body.seed)
    return Groups.of_plan(await handlers.make_groups(session, event_id, wish))


@router.get("", dependencies=[_reads])
async def get_groups(event_id: UUID, session: Session, version: Version = None) -> Groups:
    """Read the last splitting of an event, or one before it."""
    return Groups.of_plan(await handlers.find_groups(session, event_id, version))


@router.get("/print", dependencies=[_reads_names], response_class=HTMLResponse, responses=_HTML)
async def print_groups(
    event_id: UUID,
    request: Request,
    session: Session,
    version: Version = None,
    language: Annotated[Language | None, Query(description="Else by Accept-Language.")] = None,
) -> HTMLResponse:
    """Show the groups with names as a page to print, each group on a sheet of its own."""
    sheet = await handlers.print_groups(session, event_id, version)
    return print_sheet(sheet, language or language_of(request))
