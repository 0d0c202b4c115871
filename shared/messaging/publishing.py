"""Turning numbered outbox rows into AMQP messages, and sending them in waves."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractExchange
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError

from shared.contracts.base import INTERNAL, PUBLIC, SCHEMA_PREFIX
from shared.contracts.envelope import CONTENT_TYPE, attributes, encode
from shared.logs import detailed
from shared.messaging.numbering import Numbered
from shared.messaging.tables import DATA
from shared.sealing import Sealer, SealError
from shared.spans import PRODUCER, recording, span
from shared.tracing import Cause, new_cause

log = structlog.get_logger()

BROKER_AWAY = (OSError, TimeoutError, AMQPError, ChannelInvalidStateError)
"""What a call raises when the broker is gone, or goes in the middle of it."""


def waves(rows: Sequence[Numbered]) -> Iterator[list[Numbered]]:
    """Cut rows, in order, so that no subject is twice in one wave.

    A wave is sent at once; the next waits for its confirms, so a refused message is never
    overtaken by a later one of its subject.
    """
    wave: list[Numbered] = []
    subjects: set[str] = set()
    for row in rows:
        if row.subject in subjects:
            yield wave
            wave, subjects = [], set()
        wave.append(row)
        subjects.add(row.subject)
    if wave:
        yield wave


def to_amqp(row: Numbered, service: str, sealer: Sealer | None = None) -> aio_pika.Message:
    """Make the AMQP message of a row; the same row always gives the same bytes.

    Raises:
        SealError: the row is sealed, and not by a key that is known here.
    """
    context = attributes(
        id=row.id,
        contract_type=row.type,
        source=f"/{service}",
        subject=row.subject,
        time=row.occurred_at,
        dataschema=SCHEMA_PREFIX + row.routing_key,
        sequence=row.sequence,
        subject_version=row.subject_version,
        correlation_id=row.correlation_id,
        causation_id=row.causation_id,
        traceparent=row.traceparent,
    )
    headers: dict[str, Any] = {f"cloudEvents_{name}": value for name, value in context.items()}
    return aio_pika.Message(
        encode(context, _data(row, sealer)),
        message_id=str(row.id),
        type=row.type,
        correlation_id=row.correlation_id,
        app_id=service,
        timestamp=row.occurred_at,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        content_type=CONTENT_TYPE,
        headers=headers,
    )


class Publisher:
    """One channel with confirms to both exchanges."""

    def __init__(
        self, service: str, channel: AbstractChannel, sealer: Sealer | None = None
    ) -> None:
        self._service = service
        self._sealer = sealer
        self._channel = channel
        self._exchanges: dict[str, AbstractExchange] = {}

    async def open(self) -> None:
        """Look the exchanges up without declaring them: a service's user may not."""
        for name in (PUBLIC, INTERNAL):
            self._exchanges[name] = await self._channel.get_exchange(name, ensure=False)

    async def send(
        self, wave: Sequence[Numbered], confirm_seconds: float
    ) -> list[Exception | None]:
        """Send one wave and wait for its confirms; one outcome a row, None for a confirmed one.

        Raises:
            TimeoutError: the broker did not confirm within `confirm_seconds`.
        """
        async with asyncio.timeout(confirm_seconds):
            outcomes = await asyncio.gather(
                *(self._send_one(row) for row in wave), return_exceptions=True
            )
        return [raise_unless_exception(outcome) for outcome in outcomes]

    async def _send_one(self, row: Numbered) -> None:
        message = to_amqp(row, self._service, self._sealer)
        exchange = self._exchanges[row.exchange]
        if not (recording() or detailed()):
            await exchange.publish(message, row.routing_key, mandatory=row.expects_route)
            return
        # The message keeps the row's own traceparent: another try must send the same bytes.
        with span(f"send {row.exchange}", PRODUCER, cause_of_row(row), _sending(row)):
            await exchange.publish(message, row.routing_key, mandatory=row.expects_route)
            log.debug("message_published", message_id=str(row.id), routing_key=row.routing_key)


def cause_of_row(row: Numbered) -> Cause:
    """Name what a row was told for as the cause of publishing it."""
    return new_cause(
        correlation_id=row.correlation_id,
        causation_id=row.causation_id,
        traceparent=row.traceparent,
    )


def _sending(row: Numbered) -> dict[str, str | int]:
    # OpenTelemetry's semantic conventions for messaging and RabbitMQ.
    return {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": "publish",
        "messaging.operation.type": "send",
        "messaging.destination.name": row.exchange,
        "messaging.rabbitmq.destination.routing_key": row.routing_key,
        "messaging.message.id": str(row.id),
        "messaging.message.conversation_id": row.correlation_id,
    }


def _data(row: Numbered, sealer: Sealer | None) -> str:
    if row.sealed is None:
        return row.data or ""
    if sealer is None:
        raise SealError("this service has no keys")
    return sealer.open(row.sealed, DATA)


def raise_unless_exception(outcome: BaseException | None) -> Exception | None:
    """Give the outcome of one publish among others; raises what is no Exception."""
    if isinstance(outcome, asyncio.CancelledError):
        # Not we were cancelled, but one publish: aiormq ends what was on a channel that closes.
        return ConnectionError("the channel was closed during the publish")
    if outcome is None or isinstance(outcome, Exception):
        return outcome
    raise outcome
