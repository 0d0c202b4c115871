"""The pages of the door."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import ValidationError

from services.registration.check_in_conflicts import handlers as conflicts
from services.registration.check_in_conflicts.schemas import Settlement
from services.registration.check_ins import handlers as check_ins
from services.registration.check_ins.schemas import Batch, Synced, SyncedBatch
from services.registration.desk.assets import assets
from services.registration.desk.forgery import token_of
from services.registration.desk.forms import body_of, validated
from services.registration.desk.languages import language_of
from services.registration.desk.rendering import render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import signed_in
from services.registration.door import handlers
from services.registration.door.reasons import REASONS
from services.registration.door.sheets import sheet_page
from services.registration.staff.domain import Staff
from services.registration.tickets import queries as tickets
from shared.paging import Cursor
from shared.problems import invalid
from shared.transactions import Session

router = page_router(prefix="/check-in")

Registrar = Annotated[Staff, Depends(signed_in("registrar"))]

_SHOWN = 100
_SHEET = 200


@router.get("/worker.js")
async def worker() -> Response:
    """The service worker, at an address of its own: its folder is all that it may serve."""
    script = assets()["door/worker.js"]
    headers = {"Cache-Control": "no-cache"}
    return Response(script.content, headers=headers, media_type=script.media_type)


@router.get("/{event_id}")
async def door_page(
    event_id: UUID, request: Request, session: Session, staff: Registrar
) -> Response:
    """Check people in; what it needs comes along, so that it works without the network."""
    event = await handlers.get_event(session, event_id)
    found = await conflicts.list_conflicts(session, event_id, True, 0, _SHOWN)
    people = {person_id for each in found for person_id in each.person_ids}
    names = await tickets.list_names(session, list(people))
    return render(
        request,
        "door/door.html",
        event=event,
        event_title=event.title.get(language_of(request), ""),
        conflicts=found,
        names={each.person_id: each.name for each in names},
        person=staff,
        csrf=token_of(request),
        reasons=REASONS,
    )


@router.get("/{event_id}/sheet", dependencies=[Depends(signed_in("registrar"))])
async def sheet(
    event_id: UUID, request: Request, session: Session, cursor: Cursor = None
) -> Response:
    """The sheet for this page's scripts, with the token of its forms."""
    page = await sheet_page(session, event_id, _SHEET, cursor)
    return Response(
        page.model_dump_json(),
        headers={"X-Form-Token": token_of(request)},
        media_type="application/json",
    )


@router.post("/{event_id}/sync", dependencies=[Depends(signed_in("registrar"))])
async def sync(event_id: UUID, session: Session, form: Form) -> Response:
    """Record what this page did, as `POST /v1/check-ins/sync` does."""
    try:
        batch = Batch.model_validate_json(str(form.get("batch", "")))
    except ValidationError:
        raise invalid("batch", "is no batch of check-ins") from None
    arrivals = [each.to_domain() for each in batch.check_ins]
    synced = await check_ins.sync_check_ins(session, batch.desk, event_id, arrivals)
    answer = SyncedBatch(items=[Synced.of(each) for each in synced])
    return Response(answer.model_dump_json(), media_type="application/json")


@router.post("/{event_id}/conflicts/{conflict_id}", dependencies=[Depends(signed_in("registrar"))])
async def settle(event_id: UUID, conflict_id: UUID, session: Session, form: Form) -> Response:
    """Settle a conflict and come back."""
    settlement = validated(Settlement, body_of(form, ("decision", "reason")))
    await conflicts.settle_conflict(session, conflict_id, settlement.decision, settlement.reason)
    return see(f"/check-in/{event_id}", done="settled")
