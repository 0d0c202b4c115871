"""The pages of tickets."""

from uuid import UUID

from fastapi import Depends, Request, Response

from services.registration.desk.languages import language_of
from services.registration.desk.routes import page_router
from services.registration.desk.signed_in import signed_in
from services.registration.tickets import handlers
from shared.transactions import Session

router = page_router(prefix="/tickets")


@router.get("/{enrolment_id}", dependencies=[Depends(signed_in("registrar"))])
async def ticket_to_print(enrolment_id: UUID, request: Request, session: Session) -> Response:
    """The ticket to print, in the language of who looks."""
    content = await handlers.print_ticket(session, enrolment_id, language_of(request))
    return Response(content, media_type="application/pdf")
