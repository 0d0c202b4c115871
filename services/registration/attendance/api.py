"""The route of attendance."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.registration.attendance import handlers
from services.registration.desk.languages import Language
from shared.auth import require
from shared.transactions import Session, TransactionRoute

router = APIRouter(prefix="/v1/events", route_class=TransactionRoute, tags=["check-ins"])

_reads = Depends(require("registrar", "auditor"))
_PDF: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        "description": "The sheet.",
    }
}


@router.get(
    "/{event_id}/attendance.pdf",
    dependencies=[_reads],
    response_class=Response,
    responses=_PDF,
)
async def print_attendance(
    event_id: UUID, session: Session, language: Annotated[Language, Query()] = "az"
) -> Response:
    """Print who has seats and who was there, in the order of the Azerbaijani alphabet."""
    content = await handlers.print_attendance(session, event_id, language)
    headers = {"Cache-Control": "private, no-store"}
    return Response(content, headers=headers, media_type="application/pdf")
