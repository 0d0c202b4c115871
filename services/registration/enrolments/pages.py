"""The pages of enrolments: choosing who comes, the ticket, giving seats up."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import BaseModel
from starlette.datastructures import FormData

from services.registration.desk.forms import validated
from services.registration.desk.navigation import Place, places_of
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import signed_in
from services.registration.enrolments import handlers, rosters
from services.registration.enrolments.schemas import Cancellation, PersonIds
from services.registration.families import handlers as families
from services.registration.seats import handlers as seats
from services.registration.staff.domain import Staff
from shared.problems import Problem
from shared.transactions import Session

router = page_router()

Reader = Annotated[Staff, Depends(signed_in("registrar", "organiser", "auditor"))]
Registrar = Annotated[Staff, Depends(signed_in("registrar"))]

_GROUP = 4
"""Letters of a ticket that stand together, to read it out."""


class Choice(BaseModel):
    """Who of a family comes."""

    family: UUID
    person_ids: PersonIds


@router.get("/events/{event_id}/enrol")
async def choose(
    request: Request, session: Session, event_id: UUID, family: UUID, _: Registrar
) -> Response:
    """The members of a family, to choose who comes."""
    return render(
        request,
        "enrolments/enrol.html",
        event=await seats.get_event(session, event_id),
        family=await families.get_family(session, family),
        chosen=None,
    )


@router.post("/events/{event_id}/enrol")
async def enrol(
    request: Request, session: Session, event_id: UUID, form: Form, _: Registrar
) -> Response:
    """Enrol who was chosen."""
    chosen = _chosen(form)
    try:
        choice = validated(Choice, {"family": form.get("family"), "person_ids": chosen})
        async with session.begin_nested():
            enrolment = await handlers.enrol_family(
                session, event_id, choice.family, choice.person_ids
            )
    except Problem as problem:
        return await _choose_again(request, session, event_id, form, problem)
    return see(f"/enrolments/{enrolment.id}", done="enrolled")


@router.get("/enrolments/{enrolment_id}")
async def enrolment(request: Request, session: Session, enrolment_id: UUID, _: Reader) -> Response:
    """One enrolment with its ticket."""
    found = await handlers.get_enrolment(session, enrolment_id)
    ticket = found.ticket
    return render(
        request,
        "enrolments/enrolment.html",
        enrolment=found,
        event=await seats.get_event(session, found.event_id),
        persons=await handlers.name_persons(session, found),
        there=await rosters.is_there(session, enrolment_id),
        named=rosters.reads_names(),
        code=[ticket[start : start + _GROUP] for start in range(0, len(ticket), _GROUP)],
        places=places_of(request, Place.ENROLMENT, enrolment_id=enrolment_id),
    )


@router.post("/enrolments/{enrolment_id}/cancel")
async def cancel(session: Session, enrolment_id: UUID, form: Form, _: Registrar) -> Response:
    """Give the seats up; who waits and fits gets them."""
    by = validated(Cancellation, {"by": form.get("by", "family")}).by
    await handlers.cancel_enrolment(session, enrolment_id, by)
    return see(f"/enrolments/{enrolment_id}", done="cancelled")


async def _choose_again(
    request: Request, session: Session, event_id: UUID, form: FormData, problem: Problem
) -> Response:
    family_id = validated(_Family, {"family": form.get("family")}).family
    return again(
        request,
        "enrolments/enrol.html",
        problem,
        event=await seats.get_event(session, event_id),
        family=await families.get_family(session, family_id),
        chosen=_chosen(form),
        enrolment_id=problem.more.get("enrolment_id"),
    )


class _Family(BaseModel):
    family: UUID


def _chosen(form: FormData) -> list[str]:
    return [each for each in form.getlist("person") if isinstance(each, str)]
