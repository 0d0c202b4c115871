"""Handling messages under spans of their own: one each, though a group shares its transaction."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from shared.contracts.envelope import Message
from shared.messaging.inbox import cause_of
from shared.spans import CONSUMER, Begun, begin, recording
from shared.tracing import working_for


@contextmanager
def processing(queue: str, messages: Sequence[Message[Any]]) -> Iterator[Sequence[Message[Any]]]:
    """Give the messages back, each with its span as the parent of what its handler tells.

    What is logged inside names the message when it is one; of a group nobody is named.
    """
    if not recording():
        with _alone(messages):
            yield messages
        return
    begun = [_begin(queue, message, len(messages)) for message in messages]
    under = [
        message.under(each.cause.traceparent) for message, each in zip(messages, begun, strict=True)
    ]
    failed: BaseException | None = None
    try:
        with _alone(under):
            yield under
    except BaseException as failure:
        failed = failure
        raise
    finally:
        for each in begun:
            each.end(failed)


def _alone(messages: Sequence[Message[Any]]) -> Any:
    return working_for(cause_of(messages[0])) if len(messages) == 1 else nullcontext()


def _begin(queue: str, message: Message[Any], size: int) -> Begun:
    envelope = message.envelope
    return begin(
        f"process {queue}",
        CONSUMER,
        cause_of(message),
        {
            "messaging.system": "rabbitmq",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": queue,
            "messaging.message.id": str(envelope.id),
            "messaging.message.conversation_id": envelope.correlationid or "",
            "messaging.batch.message_count": size,
            "qayidis.message.type": type(message.data).type(),
        },
    )
