"""Passing along a dead letter queue without taking anything out of it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from shared.messaging.topology import dead_queue, waiting_in

_CONNECT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class PassLimits:
    """How many messages of a queue are looked at, and how many at once; how long one may take.

    After each piece as much time passes as it took (times `rest`), so that a service with a long
    dead letter queue goes on answering.
    """

    most: int = 20_000
    piece: int = 100
    rest: float = 1.0
    quiet_seconds: float = 2.0


@asynccontextmanager
async def open_channel(amqp_url: str) -> AsyncIterator[AbstractChannel]:
    """Open a channel with confirms on a connection of its own; leaving gives back what it holds.

    Raises:
        OSError, TimeoutError, aio_pika.exceptions.AMQPError: the broker is away.
    """
    connection = await aio_pika.connect(amqp_url, timeout=_CONNECT_SECONDS)
    async with connection:
        yield await connection.channel(publisher_confirms=True, on_return_raises=True)


async def depth(channel: AbstractChannel, queue: str) -> int:
    """Count the dead letters of a queue that nobody holds just now."""
    return await waiting_in(channel, dead_queue(queue))


async def pass_along(
    channel: AbstractChannel, queue: str, limits: PassLimits
) -> AsyncIterator[list[AbstractIncomingMessage]]:
    """Go through what lay in a dead letter queue at the beginning, piece by piece.

    What the caller does not acknowledge goes back when the channel is closed, in any order: lists
    sort. It ends early when nothing more comes: somebody else holds the rest.
    """
    dead = await channel.declare_queue(dead_queue(queue), passive=True)
    left = min(dead.declaration_result.message_count or 0, limits.most)
    while left > 0:
        began = time.monotonic()
        size = min(limits.piece, left)
        received: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        # A reader of its own for each piece, since a prefetch holds for the reader that comes next.
        await channel.set_qos(prefetch_count=size)
        tag = await dead.consume(received.put)
        piece = await _take(received, size, limits.quiet_seconds)
        await dead.cancel(tag)
        if piece:
            yield piece
        if len(piece) < size:
            return
        left -= size
        await asyncio.sleep((time.monotonic() - began) * limits.rest)


async def _take(
    received: asyncio.Queue[AbstractIncomingMessage], size: int, quiet_seconds: float
) -> list[AbstractIncomingMessage]:
    piece: list[AbstractIncomingMessage] = []
    try:
        while len(piece) < size:
            async with asyncio.timeout(quiet_seconds):
                piece.append(await received.get())
    except TimeoutError:
        pass
    return piece
