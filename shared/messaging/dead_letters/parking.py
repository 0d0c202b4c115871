"""Parking what could not be handled, with its reason and origin, where an operator sees it."""

from datetime import UTC, datetime
from importlib.metadata import version

from faststream.rabbit import RabbitBroker, RabbitExchange, RabbitMessage

from shared.messaging.dead_letters.headers import PREFIX, REPLAYS, replays, without_failure
from shared.messaging.topology import Queue, dead_exchange
from shared.observability import describe, where


class DeadLetters:
    """Puts failed messages of one service into the dead letter queue of their queue."""

    def __init__(self, service: str, broker: RabbitBroker) -> None:
        self._service = service
        self._version = version("qayidis")
        self._broker = broker
        self._exchange = RabbitExchange(dead_exchange(service), declare=False)

    async def park(
        self, queue: Queue, message: RabbitMessage, failure: BaseException, attempts: int
    ) -> None:
        """Publish the same bytes and properties to `<queue>.dead`, confirmed and persistent.

        The caller acknowledges afterwards: a crash in between parks the message twice, with one
        id, and never loses it. How often it was replayed before stays with it.

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
            "version": self._version,
        }
        headers = without_failure(raw.headers)
        if count := replays(raw.headers):
            headers[REPLAYS] = count
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
            headers={**headers, **{PREFIX + name: told for name, told in origin.items()}},
        )
