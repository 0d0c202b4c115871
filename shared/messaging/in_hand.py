"""What one process received of a queue and has not settled yet."""

import time
from datetime import UTC, datetime
from uuid import UUID

import structlog
from faststream.rabbit import RabbitMessage

from shared.messaging.inbox import cause_of_properties
from shared.messaging.publishing import BROKER_AWAY
from shared.tracing import working_for

log = structlog.get_logger()


class InHand:
    """The messages of one queue that this process holds unacknowledged."""

    def __init__(self, queue: str) -> None:
        self._queue = queue
        self._since: dict[int, float] = {}
        self.received_at = time.monotonic()
        """When the last one came, by the monotonic clock."""

    def __len__(self) -> int:
        return len(self._since)

    def take(self, raw: RabbitMessage) -> None:
        """Note that a message was received."""
        sent = raw.raw_message.timestamp or datetime.now(UTC)
        self._since[id(raw)] = sent.timestamp()
        self.received_at = time.monotonic()

    def oldest(self) -> float | None:
        """Age of the oldest in seconds, from when it happened (its AMQP timestamp)."""
        return time.time() - min(self._since.values()) if self._since else None

    async def give_back(self, raw: RabbitMessage) -> None:
        """Let the broker deliver a message again."""
        self._settle(raw)
        try:
            await raw.reject(requeue=True)
        except (*BROKER_AWAY, RuntimeError) as failure:
            # Its channel is gone, so the broker has it back already.
            self._note_lost("reject_lost", raw, failure)

    async def acknowledge(self, raw: RabbitMessage) -> None:
        """Settle a message that was handled or parked; never raises when the broker is away."""
        self._settle(raw)
        try:
            await raw.ack()
        except (*BROKER_AWAY, RuntimeError) as failure:
            # The broker gives it again; the inbox knows it then.
            self._note_lost("ack_lost", raw, failure)

    def _note_lost(self, event: str, raw: RabbitMessage, failure: Exception) -> None:
        with working_for(cause_of_properties(raw.correlation_id)):
            log.info(
                event,
                queue=self._queue,
                message_id=id_of(raw),
                error=type(failure).__name__,
            )

    def _settle(self, raw: RabbitMessage) -> None:
        self._since.pop(id(raw), None)


def id_of(raw: RabbitMessage) -> str | None:
    """The id of a message if it is one: of what cannot be read nothing else is logged."""
    try:
        return str(UUID(raw.message_id))
    except ValueError:
        return None
