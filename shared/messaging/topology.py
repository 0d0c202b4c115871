"""Which exchanges and queues there are; declared by the bootstrap, never by a service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractChannel

from shared.contracts.base import INTERNAL, PUBLIC, Contract

SERVICES = ("registration", "events", "notifications")

DELIVERY_LIMIT = 20
"""Deliveries before the broker itself parks a message; RabbitMQ 3.10 has no default, 4.0 has 20."""


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue of one service, bound by the contracts it reads."""

    name: str
    contracts: tuple[type[Contract], ...]

    @property
    def service(self) -> str:
        """The service that reads it, the first part of its name."""
        return self.name.partition(".")[0]

    @property
    def dead(self) -> str:
        """The queue that takes what could not be handled."""
        return dead_queue(self.name)

    @property
    def arguments(self) -> Mapping[str, str | int]:
        """The queue's arguments; without a maximum length, since reject-publish on a full queue
        would refuse the message for every other queue too (alarm on depth instead)."""
        return {
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": dead_exchange(self.service),
            "x-dead-letter-routing-key": self.name,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }


def dead_queue(queue: str) -> str:
    """Name the queue that takes what could not be handled of another."""
    return f"{queue}.dead"


def dead_exchange(service: str) -> str:
    """Name the exchange through which one service parks what it could not handle."""
    return f"{service}.dead"


def replay_exchange(service: str) -> str:
    """Name the exchange through which one service puts a dead letter back on its one queue."""
    return f"{service}.replay"


async def waiting_in(channel: AbstractChannel, name: str) -> int:
    """Count the messages of a queue that nobody holds just now."""
    queue = await channel.declare_queue(name, passive=True)
    return queue.declaration_result.message_count or 0


async def declare_topology(amqp_url: str, queues: Sequence[Queue]) -> None:
    """Declare every exchange, queue and binding, as an administrator; may be repeated.

    Raises `aio_pika.exceptions.AMQPError` when something exists with other arguments.
    """
    connection = await aio_pika.connect(amqp_url)
    async with connection:
        channel = await connection.channel()
        for exchange in (PUBLIC, INTERNAL):
            await channel.declare_exchange(exchange, aio_pika.ExchangeType.TOPIC, durable=True)
        for service in SERVICES:
            for direct in (dead_exchange(service), replay_exchange(service)):
                await channel.declare_exchange(direct, aio_pika.ExchangeType.DIRECT, durable=True)
        for queue in queues:
            await _declare_queue(channel, queue)


async def _declare_queue(channel: AbstractChannel, queue: Queue) -> None:
    dead = await channel.declare_queue(
        queue.dead, durable=True, arguments={"x-queue-type": "quorum"}
    )
    await dead.bind(dead_exchange(queue.service), routing_key=queue.name)
    live = await channel.declare_queue(queue.name, durable=True, arguments=dict(queue.arguments))
    await live.bind(replay_exchange(queue.service), routing_key=queue.name)
    for contract in queue.contracts:
        await live.bind(contract.exchange, routing_key=contract.routing_key)
