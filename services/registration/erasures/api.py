"""The routes of erasures."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.registration.erasures import handlers
from services.registration.erasures.schemas import Erasure, NewErasure
from shared.auth import require
from shared.http import path_of
from shared.transactions import Session, TransactionRoute

router = APIRouter(prefix="/v1/erasures", route_class=TransactionRoute, tags=["erasures"])

_writes = Depends(require("registrar"))
_reads = Depends(require("registrar", "auditor"))

_LOCATION = {"Location": {"description": "How far it is.", "schema": {"type": "string"}}}
_CREATED: dict[int | str, dict[str, Any]] = {201: {"headers": _LOCATION}}


@router.post("", status_code=201, dependencies=[_writes], responses=_CREATED)
async def erase_person(
    body: NewErasure, request: Request, response: Response, session: Session
) -> Erasure:
    """Remove who a person or a family was, here and in every other service; it cannot be undone."""
    erasure = await handlers.erase(session, body.to_domain())
    response.headers["Location"] = path_of(request, "get_erasure", erasure_id=erasure.id)
    return Erasure.of(erasure)


@router.get("/{erasure_id}", dependencies=[_reads])
async def get_erasure(erasure_id: UUID, session: Session) -> Erasure:
    """Read who confirmed an erasure and when, and who has not yet."""
    return Erasure.of(await handlers.get_erasure(session, erasure_id))
