"""The route of records."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Response

from services.registration.consents.handlers import today
from services.registration.records import handlers
from services.registration.records.schemas import Record
from shared.auth import require
from shared.transactions import Session, TransactionRoute

router = APIRouter(prefix="/v1/persons", route_class=TransactionRoute, tags=["records"])

_reads = Depends(require("registrar", "auditor"))

_DISPOSITION = {"description": "A file name.", "schema": {"type": "string"}}
_FILE: dict[int | str, dict[str, Any]] = {200: {"headers": {"Content-Disposition": _DISPOSITION}}}

Reason = Annotated[
    str | None,
    Header(alias="X-Reason", max_length=2000, description="Why, as percent-encoded UTF-8."),
]


@router.get("/{person_id}/record", dependencies=[_reads], responses=_FILE)
async def get_person_record(
    person_id: UUID, response: Response, session: Session, _: Reason = None
) -> Record:
    """Give a person's whole record as a file; asking needs a reason, which is written down."""
    record = await handlers.read_record(session, person_id)
    response.headers["Content-Disposition"] = f'attachment; filename="record-{person_id}.json"'
    return Record.of(record, datetime.now(UTC), today())
