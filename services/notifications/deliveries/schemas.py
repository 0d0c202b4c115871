"""HTTP bodies of notifications and receipts."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from shared.moments import Moment
from shared.text import Storable

Kind = Literal[
    "invitation",
    "confirmation",
    "waiting",
    "offer",
    "offer_ended",
    "promotion",
    "reminder",
    "rescheduled",
    "cancelled",
    "result",
]
Status = Literal[
    "pending",
    "held",
    "sending",
    "sent",
    "delivered",
    "failed",
    "unknown",
    "expired",
    "superseded",
    "suppressed",
]


class Notification(BaseModel):
    """One text to one address, the address hidden but for its last two characters."""

    id: UUID
    kind: Kind
    event_id: UUID
    family_id: UUID
    person_ids: list[UUID]
    channel: Literal["sms", "email"]
    language: Literal["az", "en", "ru"]
    to: str
    text: str | None
    parts: int | None
    status: Status
    reason: str | None
    attempts: int
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None


class Receipt(BaseModel):
    """What the provider says became of a text; `id` is the notification's."""

    id: UUID
    reference: Annotated[str, StringConstraints(max_length=200), Storable] | None = None
    status: Literal["delivered", "failed"]
    reason: Annotated[str, StringConstraints(max_length=500), Storable] | None = None
    at: Moment
