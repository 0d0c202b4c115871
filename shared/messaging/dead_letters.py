"""Parking what could not be handled, with its reason and origin, where an operator sees it."""

from datetime import UTC, datetime

from faststream.rabbit import RabbitBroker, RabbitExchange, RabbitMessage

from shared.messaging.topology import Queue, dead_exchange
from shared.observability import describe, where

HEADER = "x-qayidis-"
"""The prefix of the headers that tell why and where a message failed."""


class DeadLetters:
    """Puts failed messages of one service into the dead letter queue of their queue."""

    def __init__(self, service: str, broker: RabbitBroker) -> None:
        self._service = service
        self._broker = broker
        self._exchange = RabbitExchange(dead_exchange(service), declare=False)

    async def park(
        self, queue: Queue, message: RabbitMessage, failure: BaseException, attempts: int
    ) -> None:
        """Publish the same bytes and properties to `<queue>.dead`, confirmed and persistent.

        The caller acknowledges afterwards: a crash in between parks the message twice, with one
        id, and never loses it.

        Raises:
            aio_pika.exceptions.AMQPError: it was not confirmed, or there is no such queue.
        """
        raw = message.raw_message
        origin: dict[str, str | int] = {
            "reason": describe(failure),
            "exception": type(failure).__name__,
            "where": where(failure),
            "queue": queue.name,
            "exchange": raw.exchange or "",
            "routing-key": raw.routing_key or "",
            "attempts": attempts,
            "failed-at": datetime.now(UTC).isoformat(),
            "app-id": raw.app_id or "",
            "service": self._service,
        }
        await self._broker.publish(
            raw.body,
            exchange=self._exchange,
            routing_key=queue.name,
            persist=True,
            mandatory=True,
            message_id=raw.message_id,
            correlation_id=raw.correlation_id,
            message_type=raw.type,
            content_type=raw.content_type,
            timestamp=raw.timestamp,
            headers={**raw.headers, **{HEADER + name: told for name, told in origin.items()}},
        )
