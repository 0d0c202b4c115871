"""The page that gives a person's whole record as a file."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from services.registration.consents.handlers import today
from services.registration.desk.forms import body_of, texts_of, validated
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import Form, page_router
from services.registration.desk.signed_in import signed_in
from services.registration.families import handlers as families
from services.registration.records import handlers
from services.registration.records.schemas import Record
from services.registration.staff.domain import Staff
from shared.problems import Problem
from shared.text import Line
from shared.transactions import Session

router = page_router()

Reader = Annotated[Staff, Depends(signed_in("registrar", "auditor"))]

_PAGE = "records/record.html"


class _Wanted(BaseModel):
    """Whose record, and why; the reason is that of the request's actor."""

    person_id: UUID
    reason: Line


@router.get("/families/{family_id}/record")
async def ask(request: Request, session: Session, family_id: UUID, _: Reader) -> Response:
    """Whose record, and why."""
    return render(request, _PAGE, **await _context(session, family_id))


@router.post("/families/{family_id}/record")
async def take(
    request: Request, session: Session, family_id: UUID, form: Form, _: Reader
) -> Response:
    """Give the file; that it was taken, and why, is written down."""
    try:
        person_id = validated(_Wanted, body_of(form, ("person_id", "reason"))).person_id
        record = await handlers.read_record(session, person_id)
    except Problem as problem:
        context = await _context(session, family_id)
        return again(request, _PAGE, problem, form=texts_of(form), **context)
    return Response(
        Record.of(record, datetime.now(UTC), today()).model_dump_json(indent=2),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="record-{person_id}.json"'},
    )


async def _context(session: Session, family_id: UUID) -> dict[str, Any]:
    family = await families.get_family(session, family_id)
    persons = [
        (str(each.id), f"{each.member.family_name} {each.member.given_name}")
        for each in family.persons
    ]
    return {"family": family, "persons": persons}
