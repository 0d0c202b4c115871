"""What one process received of a queue and has not settled yet."""

import time
from datetime import UTC, datetime

from faststream.rabbit import RabbitMessage


class InHand:
    """The messages of one queue that this process holds unacknowledged."""

    def __init__(self) -> None:
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

    def settle(self, raw: RabbitMessage) -> None:
        """Note that a message was acknowledged or given back."""
        self._since.pop(id(raw), None)

    def oldest(self) -> float | None:
        """Age of the oldest in seconds, from when it happened (its AMQP timestamp)."""
        return time.time() - min(self._since.values()) if self._since else None
