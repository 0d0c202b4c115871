"""The inbox: a message is claimed once, in the transaction that does its work."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.base import Contract, is_type
from shared.contracts.envelope import Envelope, Message
from shared.observability import rules_broken
from shared.tracing import Cause, new_cause, working_for

Handler = Callable[[AsyncSession, Sequence[Message[Any]]], Awaitable[None]]
"""Handles a group of messages of one contract in the given transaction; never commits."""

Handlers = Mapping[type[Contract], Handler]

_CLAIM = text("""
INSERT INTO inbox (queue, message_id) SELECT :queue, unnest(CAST(:ids AS uuid[]))
ON CONFLICT DO NOTHING RETURNING message_id
""")


class UnreadableMessageError(Exception):
    """A message that no retry will ever make readable; says why, without its values."""


def read(body: bytes, contracts: Mapping[str, type[Contract]]) -> Message[Any]:
    """Validate a body against the contract that its type names.

    Raises:
        UnreadableMessageError: it is not JSON, not a CloudEvent, of no type this queue handles,
            or its data breaks the contract.
    """
    try:
        envelope = Envelope.model_validate_json(body)
    except ValidationError as failure:
        raise UnreadableMessageError(f"not a CloudEvent: {rules_broken(failure)}") from None
    contract = contracts.get(envelope.type)
    if contract is None:
        told = envelope.type if is_type(envelope.type) else "…, which is no type"
        raise UnreadableMessageError(f"no subscriber for the type {told}")
    try:
        return Message(envelope, contract.model_validate(envelope.data))
    except ValidationError as failure:
        raise UnreadableMessageError(
            f"data breaks {contract.routing_key}: {rules_broken(failure)}"
        ) from None


async def claim(
    session: AsyncSession, queue: str, messages: Sequence[Message[Any]]
) -> list[Message[Any]]:
    """Claim messages in this transaction; return those that were never handled before."""
    by_id = {message.envelope.id: message for message in messages}
    claimed = await session.scalars(_CLAIM, {"queue": queue, "ids": sorted(by_id)})
    fresh: set[UUID] = set(claimed)
    return [message for id_, message in by_id.items() if id_ in fresh]


async def handle(
    session: AsyncSession, queue: str, handlers: Handlers, messages: Sequence[Message[Any]]
) -> int:
    """Claim messages and hand the fresh ones, contract by contract, to their handlers.

    Returns how many were fresh.
    """
    fresh = await claim(session, queue, messages)
    by_contract: dict[type[Contract], list[Message[Any]]] = {}
    for message in fresh:
        by_contract.setdefault(type(message.data), []).append(message)
    for contract, group in by_contract.items():
        await handlers[contract](session, group)
    return len(fresh)


def one_by_one(handler: Callable[[AsyncSession, Message[Any]], Awaitable[None]]) -> Handler:
    """Make a group's handler of one message's; what it tells names that message as its cause."""

    async def handle_each(session: AsyncSession, messages: Sequence[Message[Any]]) -> None:
        for message in messages:
            with working_for(cause_of(message)):
                await handler(session, message)

    return handle_each


def cause_of(message: Message[Any]) -> Cause:
    """Name a message as the cause of what is told next."""
    envelope = message.envelope
    return new_cause(
        correlation_id=envelope.correlationid or str(envelope.id),
        causation_id=str(envelope.id),
        traceparent=envelope.traceparent,
    )


def cause_of_properties(correlation_id: object) -> Cause:
    """Name a message as a cause that was not read, by its AMQP property if that is an id.

    Of what cannot be read nothing is trusted: it could be anything, and is logged.
    """
    try:
        return new_cause(correlation_id=str(UUID(str(correlation_id))))
    except ValueError:
        return new_cause()
