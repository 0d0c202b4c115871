"""The page of an event's waiting list: the order, offers, why, and what staff may decide."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from services.registration.desk.forms import body_of, validated
from services.registration.desk.languages import language_of
from services.registration.desk.rendering import render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import signed_in
from services.registration.enrolments import handlers as enrolments
from services.registration.seats import handlers as seats
from services.registration.staff.domain import Staff
from services.registration.waiting_list import handlers
from services.registration.waiting_list.schemas import SeatDecision
from services.registration.waiting_list.sentences import sentence
from services.registration.waiting_list.walking import CONSIDERED
from shared.transactions import Session

router = page_router()

Reader = Annotated[Staff, Depends(signed_in("registrar", "organiser", "auditor"))]
Registrar = Annotated[Staff, Depends(signed_in("registrar"))]
Decider = Annotated[Staff, Depends(signed_in("registrar", "organiser"))]


@router.get("/events/{event_id}/waiting-list")
async def waiting_list(request: Request, session: Session, event_id: UUID, _: Reader) -> Response:
    """Who waits, in order, with what was decided last for each and why."""
    event = await seats.get_event(session, event_id)
    roster = await enrolments.list_roster(session, event_id, "waitlisted", 0, CONSIDERED)
    ids = [each.enrolment.id for each in roster]
    last = await handlers.list_last_decisions(session, ids)
    language = language_of(request)
    return render(
        request,
        "waiting_list/list.html",
        event=event,
        roster=roster,
        reasons={id_: sentence(decision, language) for id_, decision in last.items()},
    )


@router.post("/enrolments/{enrolment_id}/accept")
async def accept(session: Session, enrolment_id: UUID, _: Registrar) -> Response:
    """Take the seats that are offered."""
    taken = await handlers.accept_offer(session, enrolment_id)
    return see(f"/events/{taken.event_id}/waiting-list", done="seated")


@router.post("/enrolments/{enrolment_id}/decline")
async def decline(session: Session, enrolment_id: UUID, _: Registrar) -> Response:
    """Leave the offered seats to the next family."""
    left = await handlers.decline_offer(session, enrolment_id)
    return see(f"/events/{left.event_id}/waiting-list", done="declined")


@router.post("/enrolments/{enrolment_id}/seat")
async def seat(session: Session, enrolment_id: UUID, form: Form, _: Decider) -> Response:
    """Seat a family by decision, with the reason that was typed."""
    decision = validated(SeatDecision, body_of(form, ["reason"]))
    seated = await handlers.seat_by_decision(session, enrolment_id, decision.reason)
    return see(f"/events/{seated.event_id}/waiting-list", done="seated")
