"""Watching one queue: is it read by this very process, and what waits in it and its dead letters.

The number of readers is not the truth, since another replica is a reader too; nor is what the
client believes, since the broker may have forgotten its consumer. What proves that one is lost is
that messages wait, this process has room, and is given none.
"""

import asyncio
import time
from collections import deque
from typing import cast

import aiormq
import structlog
from faststream.rabbit import RabbitBroker
from faststream.rabbit.subscriber import RabbitSubscriber

from shared.messaging.in_hand import InHand
from shared.messaging.publishing import BROKER_AWAY
from shared.messaging.topology import Queue, waiting_in
from shared.metrics import (
    CONSUMER_READING,
    QUEUE_AGE,
    QUEUE_WAITING,
    SCRAPE_FAILURES,
    SCRAPED,
)

log = structlog.get_logger()

_PING = 0.5
_DEAD_LOOKS = 3
"""Who looks at dead letters holds them for some seconds, and the broker counts only what nobody
holds: the most of the last looks is told, so that looking makes no alert."""

_CANCELLED = "not read by this process: the broker cancelled its consumer"
_STARVED = "not read by this process: messages wait, yet the broker gives it none"


class QueueWatch:
    """Looks at one queue again and again; times in seconds.

    `every` is the pause between two looks, `starving` how long messages may wait while this
    process has room for them and gets none, until it opens its channel anew.
    """

    def __init__(
        self,
        queue: Queue,
        *,
        broker: RabbitBroker,
        subscriber: RabbitSubscriber,
        in_hand: InHand,
        room: int,
        every: float,
        starving: float,
    ) -> None:
        self._queue = queue
        self._broker = broker
        self._subscriber = subscriber
        self._in_hand = in_hand
        self._room = room
        self._every = every
        self._starving = starving
        self._waiting_since: float | None = None
        self._dead_since: float | None = None
        self._dead: deque[int] = deque(maxlen=_DEAD_LOOKS)
        self._why: str | None = None
        part = (queue.service, f"queue {queue.name}")
        self._seen, self._failures = SCRAPED.labels(*part), SCRAPE_FAILURES.labels(*part)

    async def check(self) -> str | None:
        """Readiness: why this process does not read the queue; None when it does."""
        if not await self._broker.ping(_PING):
            return "not connected"
        return _CANCELLED if await self._reading() is None else self._why

    async def run(self) -> None:
        """Look for ever."""
        while True:
            try:
                async with asyncio.timeout(self._every + self._starving):
                    await self._look()
                self._seen.set(1)
            except (*BROKER_AWAY, RuntimeError) as failure:  # the latter while it connects anew
                self._failures.inc()
                self._seen.set(0)
                # Not kept like the others: a queue that is missing, or out of reach, is not read.
                CONSUMER_READING.labels(self._queue.name).set(0)
                log.info("queue_unseen", queue=self._queue.name, error=type(failure).__name__)
                self._why = f"the broker does not tell of it: {type(failure).__name__}"
            await asyncio.sleep(self._every)

    async def _look(self) -> None:
        connection = await self._broker.connect()
        async with connection.channel() as asking:
            waiting = await waiting_in(asking, self._queue.name)
            self._dead.append(await waiting_in(asking, self._queue.dead))
        dead = max(self._dead)
        now = time.monotonic()
        self._waiting_since = (self._waiting_since or now) if waiting else None
        self._dead_since = (self._dead_since or now) if dead else None
        channel = await self._reading()
        self._tell(waiting, dead, reading=channel is not None)
        if self._is_starved(now) and channel is not None:
            if self._why == _STARVED:
                log.warning("consumer_renewed", queue=self._queue.name)
                # The client opens it again and consumes; what it held comes again, known by the
                # inbox.
                await channel.close()
            self._why = _STARVED
        else:
            self._why = None

    def _is_starved(self, now: float) -> bool:
        if self._waiting_since is None or len(self._in_hand) >= self._room:
            return False
        return now - max(self._waiting_since, self._in_hand.received_at) >= self._starving

    async def _reading(self) -> aiormq.Channel | None:
        """The channel on which this process consumes; None when it does not."""
        # FastStream keeps both to itself, and has no other way to tell.
        queue, tag = self._subscriber._queue_obj, self._subscriber._consumer_tag
        if queue is None or tag is None:
            return None
        channel = cast(aiormq.Channel, await queue.channel.get_underlay_channel())
        return channel if tag in channel.consumers and not channel.is_closed else None

    def _tell(self, waiting: int, dead: int, *, reading: bool) -> None:
        CONSUMER_READING.labels(self._queue.name).set(reading)
        QUEUE_WAITING.labels(self._queue.name).set(waiting + len(self._in_hand))
        QUEUE_WAITING.labels(self._queue.dead).set(dead)
        oldest = self._in_hand.oldest()
        QUEUE_AGE.labels(self._queue.name).set(
            _seconds_since(self._waiting_since) if oldest is None else oldest
        )
        QUEUE_AGE.labels(self._queue.dead).set(_seconds_since(self._dead_since))


def _seconds_since(moment: float | None) -> float:
    return 0.0 if moment is None else time.monotonic() - moment
