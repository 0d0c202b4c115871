"""The pages of duplicates: cases to review, and both records side by side."""

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Request, Response

from services.registration.desk.forms import body_of, texts_of, validated
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import signed_in
from services.registration.duplicates import handlers, words
from services.registration.duplicates.paging import after, place
from services.registration.duplicates.schemas import Dismissal, SideBySideCase
from services.registration.staff.domain import Staff
from shared.paging import encode_cursor
from shared.problems import Problem
from shared.transactions import Session

router = page_router()

Reader = Annotated[Staff, Depends(signed_in("registrar", "auditor"))]
Registrar = Annotated[Staff, Depends(signed_in("registrar"))]

_SHOWN = 50
_CASE = "duplicates/case.html"


@router.get("/duplicates")
async def list_duplicates(request: Request, session: Session, _: Reader) -> Response:
    """Show the open cases, the likeliest first."""
    cursor = request.query_params.get("cursor")
    found = await handlers.list_named(session, "open", after(cursor), _SHOWN + 1)
    more = None
    if len(found) > _SHOWN:
        last = found[_SHOWN - 1].case
        more = f"/duplicates?{urlencode({'cursor': encode_cursor(*place(last))})}"
    return render(request, "duplicates/list.html", found=found[:_SHOWN], more=more)


@router.get("/duplicates/{case_id}")
async def show_duplicate(
    request: Request, session: Session, case_id: UUID, staff: Reader
) -> Response:
    """Show a case with both records side by side."""
    return render(request, _CASE, **await _shown(session, case_id, staff))


@router.post("/duplicates/{case_id}/claim")
async def claim_duplicate(session: Session, case_id: UUID, _: Registrar) -> Response:
    """Keep a case for who looks at it."""
    await handlers.claim_case(session, case_id)
    return see(f"/duplicates/{case_id}")


@router.post("/duplicates/{case_id}/release")
async def release_duplicate(session: Session, case_id: UUID, _: Registrar) -> Response:
    """Give a case back."""
    await handlers.release_case(session, case_id)
    return see("/duplicates")


@router.post("/duplicates/{case_id}/dismiss")
async def dismiss_duplicate(
    request: Request, session: Session, form: Form, case_id: UUID, staff: Registrar
) -> Response:
    """Decide that they are different people."""
    try:
        body = validated(Dismissal, body_of(form, ["reason"]))
    except Problem as problem:
        shown = await _shown(session, case_id, staff)
        return again(request, _CASE, problem, form=texts_of(form), **shown)
    await handlers.decide(session, case_id, "dismissed", body.reason)
    return see("/duplicates?done=dismissed")


async def _shown(session: Session, case_id: UUID, staff: Staff) -> dict[str, Any]:
    case = SideBySideCase.of(await handlers.get_case(session, case_id))
    return {
        "case": case,
        "mine": case.claimed_by in {None, f"staff:{staff.id}"},
        "reasons": words.REASONS,
        "fields": words.FIELDS,
        "dated": date.fromisoformat,
    }
