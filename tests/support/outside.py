"""An outside system: a plain AMQP client with a queue and a user of its own."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import AMQPError
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.rabbitmq import RabbitMQMessage, from_rabbitmq
from cloudevents.core.formats.json import JSONFormat

from deploy.bootstrap.outside import Outside, add_outside, remove_outside
from tests.system import System


class Ear:
    """What reached an outside system, each message id once, in the order of arrival."""

    def __init__(self) -> None:
        self._by_id: dict[str, AbstractIncomingMessage] = {}
        self._changed: list[str] = []

    async def hear(self, message: AbstractIncomingMessage) -> None:
        """Take one message; the same one may come again, with the same bytes."""
        known = self._by_id.setdefault(str(message.message_id), message)
        if known.body != message.body:
            self._changed.append(str(message.message_id))
        await message.ack()

    @property
    def messages(self) -> list[AbstractIncomingMessage]:
        """All messages as they came."""
        return list(self._by_id.values())

    def events(self) -> list[BaseCloudEvent]:
        """All messages as the CloudEvents SDK reads them."""
        return [read(message) for message in self.messages]

    def check_gapless(self) -> None:
        """Show that of every type no message is missing, and that each number stands once."""
        assert self._changed == [], "one id came with two contents"
        numbers: dict[str, list[int]] = defaultdict(list)
        for event in self.events():
            if "sequence" in event.get_attributes():  # made by hand otherwise
                numbers[event.get_type()].append(int(event.get_extension("sequence")))
        assert numbers
        for type_, heard in numbers.items():
            first = min(heard)
            assert sorted(heard) == [*range(first, first + len(heard))], type_


def read(message: AbstractIncomingMessage) -> BaseCloudEvent:
    """Read a message as the SDK does, in structured mode; raises when it is no CloudEvent."""
    headers = {name: str(value) for name, value in message.headers.items()}
    return from_rabbitmq(RabbitMQMessage(headers, message.content_type, message.body), JSONFormat())


@asynccontextmanager
async def outside_system(
    system: System, name: str, keys: Sequence[str], ear: Ear | None = None
) -> AsyncIterator[tuple[Outside, Ear]]:
    """Let an outside system in, and listen as it does; it is shut out at the end."""
    outside = await add_outside(system.admin, name, keys, "only-for-tests")
    ear = ear or Ear()
    listening = asyncio.create_task(_listen(outside, ear))
    try:
        yield outside, ear
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await remove_outside(system.admin, name)


async def _listen(outside: Outside, ear: Ear) -> None:
    """Consume for ever, also when the broker goes away in between."""
    while True:
        try:
            await _consume(outside, ear)
        except (OSError, TimeoutError, AMQPError):
            await asyncio.sleep(0.3)


async def _consume(outside: Outside, ear: Ear) -> None:
    gone = asyncio.Event()
    connection = await aio_pika.connect(outside.amqp_url, timeout=5)
    async with connection:
        connection.close_callbacks.add(lambda *_: gone.set())
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=200)
        queue = await channel.get_queue(outside.queue, ensure=False)
        await queue.consume(ear.hear)
        await gone.wait()
