"""The routes of consents."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import PlainTextResponse

from services.registration.consents import handlers, receipts
from services.registration.consents.schemas import Consent, NewConsent, Receipt, Withdrawal
from services.registration.families.domain import Language, Purpose
from shared.auth import require
from shared.http import path_of
from shared.paging import DEFAULT_LIMIT, Cursor, Limit, Page, bad_cursor, decode_cursor, page
from shared.transactions import Session, TransactionRoute

router = APIRouter(
    prefix="/v1/families/{family_id}/consents", route_class=TransactionRoute, tags=["consents"]
)

_writes = Depends(require("registrar"))
_reads = Depends(require("registrar", "auditor"))

_LOCATION = {"Location": {"description": "Its receipt.", "schema": {"type": "string"}}}
_CREATED: dict[int | str, dict[str, Any]] = {201: {"headers": _LOCATION}}
_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"model": Receipt, "content": {"text/plain": {"schema": {"type": "string"}}}}
}

_LAST_NUMBER = 2**63 - 1


@router.post("", status_code=201, dependencies=[_writes], responses=_CREATED)
async def give_consent(
    family_id: UUID, body: NewConsent, request: Request, response: Response, session: Session
) -> Consent:
    """Record what a family allows for one purpose, and on which basis."""
    recorded = await handlers.give(session, family_id, body.to_domain())
    response.headers["Location"] = path_of(
        request, "get_consent_receipt", family_id=family_id, consent_id=recorded.id
    )
    return Consent.of(recorded, handlers.today())


@router.get("", dependencies=[_reads])
async def list_consents(
    family_id: UUID, session: Session, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[Consent]:
    """List all that a family decided, the newest first."""
    today = handlers.today()
    found = await handlers.list_decisions(session, family_id, _before(cursor), limit + 1)
    return page(
        found, limit, lambda each: Consent.of(each, today), lambda each: (str(each.number),)
    )


@router.post("/{purpose}/withdraw", dependencies=[_writes])
async def withdraw_consent(
    family_id: UUID, purpose: Purpose, body: Withdrawal, session: Session
) -> Consent:
    """Take back what was allowed; it takes effect everywhere, also for what waits to be sent."""
    recorded = await handlers.withdraw(session, family_id, purpose, body.reason, body.channel)
    return Consent.of(recorded, handlers.today())


@router.get("/{consent_id}/receipt", dependencies=[_reads], response_model=None, responses=_TEXT)
async def get_consent_receipt(
    family_id: UUID,
    consent_id: UUID,
    session: Session,
    language: Annotated[Language, Query()] = "az",
    as_: Annotated[Literal["json", "text"], Query(alias="as")] = "json",
) -> Response | Receipt:
    """Give the receipt that the family keeps, as JSON or as a text to print."""
    recorded, family = await handlers.get_receipt(session, family_id, consent_id)
    today = handlers.today()
    words = receipts.write(recorded, family, language, today)
    if as_ == "text":
        return PlainTextResponse(words.text)
    return Receipt(
        number=recorded.receipt,
        consent=Consent.of(recorded, today),
        subject=words.subject,
        operator=words.operator,
        purpose=words.purpose,
        data=words.data,
        processing=words.processing,
        validity=words.validity,
        withdrawal=words.withdrawal,
        text=words.text,
    )


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    number = decode_cursor(cursor, 1)[0]
    if not (number.isascii() and number.isdigit() and int(number[:20]) <= _LAST_NUMBER):
        raise bad_cursor()
    return int(number)
