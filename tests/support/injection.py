"""Messages made by hand, as a service's relay would send them, to play order and repetition."""

from datetime import UTC, datetime
from uuid import UUID

import aio_pika

from shared.contracts.base import Contract
from shared.contracts.envelope import CONTENT_TYPE, attributes, encode
from shared.ids import new_id
from tests.system import System


def message(
    contract: Contract,
    subject: UUID,
    version: int,
    *,
    id: UUID | None = None,
    time: datetime | None = None,
) -> aio_pika.Message:
    """Make the message of a contract; the sequence is left out, since the relay alone counts."""
    context = attributes(
        id=id or new_id(),
        contract_type=contract.type(),
        source=f"/{contract.service()}",
        subject=str(subject),
        time=time or datetime.now(UTC),
        dataschema=contract.dataschema(),
        sequence=0,
        subject_version=version,
        correlation_id="by-hand",
        causation_id=None,
        traceparent=None,
    )
    context.pop("sequence")
    return aio_pika.Message(
        encode(context, contract.model_dump_json()),
        message_id=str(context["id"]),
        type=contract.type(),
        correlation_id="by-hand",
        app_id=contract.service(),
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        content_type=CONTENT_TYPE,
        headers={f"cloudEvents_{name}": value for name, value in context.items()},
    )


async def inject(system: System, *messages: tuple[Contract, aio_pika.Message]) -> None:
    """Publish messages in this order, each as the user of its own service, confirmed."""
    for contract, made in messages:
        async with system.broker(contract.service()) as channel:
            exchange = await channel.get_exchange(contract.exchange, ensure=False)
            await exchange.publish(made, contract.routing_key)


async def inject_raw(
    system: System, body: bytes, exchange: str, routing_key: str, user: str
) -> None:
    """Publish any bytes."""
    async with system.broker(user) as channel:
        target = await channel.get_exchange(exchange, ensure=False)
        made = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await target.publish(made, routing_key)
