"""The page of a family's history."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from services.registration.desk.rendering import render
from services.registration.desk.routes import page_router
from services.registration.desk.signed_in import signed_in
from services.registration.families import handlers as families
from services.registration.history import handlers
from services.registration.staff.domain import Staff
from shared.transactions import Session

router = page_router()

_SHOWN = 50

Before = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


@router.get("/families/{family_id}/history")
async def history(
    request: Request,
    session: Session,
    family_id: UUID,
    _: Annotated[Staff, Depends(signed_in("registrar", "auditor"))],
    before: Before = None,
) -> Response:
    """What changed a family, when, by whom and why; and how it stood then."""
    family = await families.get_family(session, family_id)
    versions = await handlers.list_versions(session, family_id, before, _SHOWN + 1)
    return render(
        request,
        "history/history.html",
        family=family,
        versions=versions[:_SHOWN],
        more=versions[_SHOWN - 1].family.version if len(versions) > _SHOWN else None,
    )
