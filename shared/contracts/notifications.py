"""What the notifications service tells."""

from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import INTERNAL, Contract


class ContactUnreachable(Contract):
    """A provider said for good that an address of this person cannot be reached."""

    routing_key: ClassVar[str] = "notifications.contact_unreachable.v1"
    exchange: ClassVar[str] = INTERNAL

    person_id: UUID
    channel: Literal["sms", "email"]
    reason: str


class ContactErasureConfirmed(Contract):
    """Nothing of an erased person is left here."""

    routing_key: ClassVar[str] = "notifications.contact_erasure_confirmed.v1"
    exchange: ClassVar[str] = INTERNAL

    person_id: UUID
    erasure_id: UUID


CONTRACTS: tuple[type[Contract], ...] = (ContactUnreachable, ContactErasureConfirmed)
