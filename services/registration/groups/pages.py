"""The page of an event's discussion groups: made, made again, and printed."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from services.registration.desk.forms import texts_of, validated
from services.registration.desk.languages import language_of
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import signed_in
from services.registration.groups import handlers
from services.registration.groups.handlers import Wish
from services.registration.groups.printing import print_sheet
from services.registration.groups.schemas import GroupsForm
from services.registration.seats import handlers as seats
from services.registration.staff.domain import Staff
from shared.problems import Problem
from shared.transactions import Session

router = page_router()

Maker = Annotated[Staff, Depends(signed_in("registrar", "organiser"))]
Registrar = Annotated[Staff, Depends(signed_in("registrar", "auditor"))]

_FIELDS = ("count", "by", "families", "of")


@router.get("/events/{event_id}/groups")
async def groups(request: Request, session: Session, event_id: UUID, _: Maker) -> Response:
    """The last splitting, and the form to make another."""
    return render(
        request,
        "groups/groups.html",
        event=await seats.get_event(session, event_id),
        plan=await handlers.find_last(session, event_id),
    )


@router.post("/events/{event_id}/groups")
async def make(
    request: Request, session: Session, event_id: UUID, form: Form, _: Maker
) -> Response:
    """Split the people as the form says."""
    typed = texts_of(form)
    try:
        wish = validated(GroupsForm, {name: typed.get(name, "") for name in _FIELDS})
        async with session.begin_nested():
            await handlers.make_groups(
                session, event_id, Wish(wish.count, wish.by, wish.families, wish.of, None)
            )
    except Problem as problem:
        return again(
            request,
            "groups/groups.html",
            problem,
            event=await seats.get_event(session, event_id),
            plan=await handlers.find_last(session, event_id),
            form=typed,
        )
    return see(f"/events/{event_id}/groups", done="made")


@router.get("/events/{event_id}/groups/print")
async def print_groups(
    request: Request, session: Session, event_id: UUID, _: Registrar
) -> Response:
    """The sheets with names."""
    sheet = await handlers.print_groups(session, event_id, None)
    return print_sheet(sheet, language_of(request))
