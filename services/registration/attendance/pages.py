"""The page of attendance."""

from uuid import UUID

from fastapi import Depends, Request, Response

from services.registration.attendance import handlers
from services.registration.desk.languages import language_of
from services.registration.desk.routes import page_router
from services.registration.desk.signed_in import signed_in
from shared.transactions import Session

router = page_router(prefix="/events")


@router.get("/{event_id}/attendance.pdf", dependencies=[Depends(signed_in("registrar", "auditor"))])
async def attendance_to_print(event_id: UUID, request: Request, session: Session) -> Response:
    """The attendance sheet to print, in the language of who looks."""
    content = await handlers.print_attendance(session, event_id, language_of(request))
    return Response(content, media_type="application/pdf")
