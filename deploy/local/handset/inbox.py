"""The JSON side for tests and the demo: what was received, and the switches."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from deploy.local.handset.addresses import as_address, is_mailbox
from deploy.local.handset.behaviours import Behaviour, Behaviours
from deploy.local.handset.memory import Memory, Outcome, Phone, ReceiptState, Text
from shared.problems import Problem, invalid, not_found


class ReceivedText(BaseModel):
    """One text. `times_posted` counts every post of its id, refused ones too."""

    id: str
    reference: str
    sender: str
    subject: str | None
    text: str
    received_at: datetime
    times_posted: int
    outcome: Outcome
    receipt: ReceiptState


class Received(BaseModel):
    """What one phone or mailbox received, oldest first."""

    address: str
    kind: Literal["phone", "mailbox"]
    refused: int
    texts: list[ReceivedText]


class Inbox(BaseModel):
    """Every phone and mailbox, the one with the newest activity first."""

    items: list[Received]


class Posted(BaseModel):
    """Every post of one id: `answers` in order, 202 for accepted (a withheld answer too)."""

    id: str
    address: str
    times_posted: int
    answers: list[int]
    reference: str | None


def known_address(address: str) -> str:
    """Return an address from the path in its kept form; 422 when it is none."""
    try:
        return as_address(address)
    except ValueError as error:
        raise invalid("address", str(error)) from None


AddressInPath = Annotated[str, Depends(known_address)]


def inbox_routes(memory: Memory, behaviours: Behaviours) -> APIRouter:
    """Return the routes over one memory and its switches."""
    router = APIRouter()

    @router.get("/inbox")
    async def whole_inbox() -> Inbox:
        received = [_received(memory, phone) for phone in memory.newest_first()]
        # Already valid: checking 100,000 texts again would hold up the provider's side.
        return Inbox.model_construct(items=received)

    @router.get("/inbox/{address}")
    async def one_inbox(address: AddressInPath) -> Received:
        return _received(memory, memory.phone(address))

    @router.get("/messages/{id}")
    async def one_posting(id: str) -> Posted:
        posted = memory.find(id)
        if posted is None:
            raise not_found("posted id")
        return Posted(
            id=id,
            address=posted.address,
            times_posted=len(posted.answers),
            answers=posted.answers,
            reference=posted.text.reference if posted.text else None,
        )

    @router.get("/behaviours")
    async def all_behaviours() -> dict[str, Behaviour]:
        return behaviours.all()

    @router.put("/behaviours/{address}")
    async def put_behaviour(address: AddressInPath, behaviour: Behaviour) -> Behaviour:
        try:
            behaviours.put(address, behaviour)
        except ValueError as error:
            raise invalid("mode", str(error)) from None
        memory.show_again(address)
        return behaviour

    @router.post("/reset", status_code=204)
    async def reset() -> Response:
        behaviours.clear()
        memory.clear()
        return Response(status_code=204)

    return router


def health_routes(ready: Callable[[], bool]) -> APIRouter:
    """Return the two health routes; `ready` tells whether every part runs."""
    router = APIRouter(prefix="/health")

    @router.get("/live")
    async def live() -> dict[str, Any]:
        return {"status": "live"}

    @router.get("/ready")
    async def is_ready() -> dict[str, Any]:
        if not ready():
            raise Problem(503, "not-ready", "The mailboxes do not listen yet.")
        return {"status": "ready"}

    return router


def _received(memory: Memory, phone: Phone) -> Received:
    return Received.model_construct(
        address=phone.address,
        kind="mailbox" if is_mailbox(phone.address) else "phone",
        refused=phone.refused,
        texts=[_text(memory, text) for text in phone.texts],
    )


def _text(memory: Memory, text: Text) -> ReceivedText:
    return ReceivedText.model_construct(
        id=text.id,
        reference=text.reference,
        sender=text.sender,
        subject=text.subject,
        text=text.text,
        received_at=datetime.fromtimestamp(text.received_at, UTC),
        times_posted=memory.times_posted(text),
        outcome=text.outcome,
        receipt=text.receipt,
    )
