"""The use cases that people and providers call."""

import hashlib
import hmac
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.calendar.tables import EventRow
from services.notifications.channels.sms_parts import count_parts
from services.notifications.contacts.sealed import open_address
from services.notifications.deliveries import outcomes
from services.notifications.deliveries.domain import mask, without_addresses
from services.notifications.deliveries.rendering import render_row
from services.notifications.deliveries.schemas import Notification, Receipt
from services.notifications.deliveries.tables import NotificationRow
from shared.problems import FieldError, Problem, not_found
from shared.sealing import Sealer

SIGNATURE_PREFIX = "sha256="


def show(sealer: Sealer, row: Row[NotificationRow, EventRow]) -> Notification:
    """Show a notification; one that did not leave yet, with the text that would leave now."""
    notification, event = row
    text, parts = notification.text, notification.parts
    if text is None and event is not None and event.facts_version > 0:
        text = _preview(notification, event)
        parts = count_parts(text).parts if notification.channel == "sms" else None
    return Notification(
        id=notification.id,
        kind=notification.kind,
        event_id=notification.event_id,
        family_id=notification.family_id,
        person_ids=notification.person_ids,
        channel=notification.channel,
        language=notification.language,
        to=mask(open_address(sealer, notification.address_sealed)),
        text=text,
        parts=parts,
        status=notification.status,
        reason=notification.reason,
        attempts=notification.attempts,
        created_at=notification.created_at,
        due_at=notification.due_at,
        sent_at=notification.sent_at,
        settled_at=notification.settled_at,
    )


async def take_receipt(session: AsyncSession, body: bytes, signature: str, secret: str) -> None:
    """Settle a notification by a provider's signed receipt; a repeated one changes nothing.

    Raises:
        Problem: 401 for a signature that is not of this body, 422 for a body that is no receipt,
            404 for a notification we never sent.
    """
    if not is_signed(body, signature, secret):
        raise Problem(401, "bad-signature", "X-Signature is not the HMAC-SHA256 of this body.")
    receipt = _parse(body)
    known = await outcomes.settle(
        session,
        receipt.id,
        status=receipt.status,
        reference=receipt.reference,
        reason=None if receipt.reason is None else without_addresses(receipt.reason),
        at=receipt.at,
    )
    if not known:
        raise not_found("notification")


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Compare `sha256=<hex HMAC>` (RFC 2104) with the body's, in constant time."""
    expected = SIGNATURE_PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())


def _parse(body: bytes) -> Receipt:
    try:
        return Receipt.model_validate_json(body)
    except ValidationError as failure:
        errors = [
            FieldError(field=".".join(map(str, error["loc"])) or "body", message=error["msg"])
            for error in failure.errors(include_input=False, include_url=False)
        ]
        raise Problem(422, "invalid", "Some fields are not valid.", errors=errors) from None


class _Preview:
    """A notification and its event as one, as the renderer reads them."""

    def __init__(self, notification: NotificationRow, event: EventRow) -> None:
        self.kind: Any = notification.kind
        self.names = notification.names
        self.language: Any = notification.language
        self.waiting_position = notification.waiting_position
        self.by: Any = notification.by
        self.answer_by = notification.answer_by
        self.title: Any = event.title
        self.venue: Any = event.venue
        self.starts_at: Any = event.starts_at
        self.ends_at: Any = event.ends_at
        self.move_reason: Any = event.move_reason
        self.end_reason: Any = event.end_reason


def _preview(notification: NotificationRow, event: EventRow) -> str:
    return render_row(_Preview(notification, event)).body
