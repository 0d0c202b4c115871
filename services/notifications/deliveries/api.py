"""Routes of notifications and receipts."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from services.notifications.deliveries.handlers import show, take_receipt
from services.notifications.deliveries.listing import Filters, list_notifications
from services.notifications.deliveries.schemas import Notification, Receipt, Status
from shared.auth import require
from shared.paging import DEFAULT_LIMIT, Cursor, Limit, Page, bad_cursor, decode_cursor, page
from shared.problems import not_found
from shared.sealing import sealer_of
from shared.transactions import Session, TransactionRoute

router = APIRouter(prefix="/v1", tags=["notifications"], route_class=TransactionRoute)


@router.get(
    "/notifications",
    dependencies=[Depends(require("registrar", "organiser", "auditor", "operator"))],
)
async def get_notifications(  # noqa: PLR0917  FastAPI passes them by name
    session: Session,
    event_id: Annotated[UUID | None, Query()] = None,
    family_id: Annotated[UUID | None, Query()] = None,
    person_id: Annotated[UUID | None, Query()] = None,
    status: Annotated[Status | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[Notification]:
    """List notifications, newest first."""
    rows = await list_notifications(
        session,
        Filters(event_id, family_id, person_id, status),
        before=_place(cursor),
        limit=limit + 1,
    )
    show_one = partial(show, sealer_of(session))
    return page(rows, limit, show_one, lambda row: (row[0].created_at.isoformat(), str(row[0].id)))


_RECEIPT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": Receipt.model_json_schema()}},
    }
}


@router.post("/receipts/{provider}", status_code=204, openapi_extra=_RECEIPT_BODY)
async def post_receipt(
    request: Request,
    session: Session,
    provider: Annotated[str, Path(max_length=100)],
    signature: Annotated[
        str, Header(alias="X-Signature", description="sha256=<hex HMAC of the body>")
    ] = "",
) -> Response:
    """Take a provider's word on what became of a text. Public: the signature is the proof."""
    secrets: dict[str, str] = request.app.state.receipt_secrets
    secret = secrets.get(provider)
    if secret is None:
        raise not_found("provider")
    await take_receipt(session, await request.body(), signature, secret)
    return Response(status_code=204)


def _place(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    created_at, id_ = decode_cursor(cursor, 2)
    try:
        return datetime.fromisoformat(created_at).astimezone(UTC), UUID(id_)
    except (ValueError, OverflowError):
        raise bad_cursor() from None
