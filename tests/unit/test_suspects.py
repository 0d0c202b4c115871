"""What makes a message a suspect, and by what it is known before it is read."""

from typing import Any, cast
from uuid import UUID, uuid4

import aio_pika
import pytest
from faststream.rabbit import RabbitMessage

from shared.messaging.suspects import SUSPECT, deliveries, identity, suspected
from shared.messaging.topology import DELIVERY_LIMIT


class _Raw:
    def __init__(self, body: bytes = b"{}", **told: Any) -> None:
        self.body = body
        self.raw_message = aio_pika.Message(body, **told)


def received(body: bytes = b"{}", **told: Any) -> RabbitMessage:
    return cast(RabbitMessage, _Raw(body, **told))


@pytest.mark.parametrize(
    ("headers", "count"),
    [
        ({}, 0),
        ({"x-delivery-count": 2}, 2),
        ({"x-delivery-count": 3}, 3),
        ({"x-delivery-count": 0, "x-acquired-count": 7}, 7),
        ({"x-delivery-count": "many", "x-acquired-count": None}, 0),
    ],
)
def test_deliveries_that_came_to_nothing_make_a_suspect(
    headers: dict[str, Any], count: int
) -> None:
    raw = received(headers=headers)
    assert deliveries(raw) == count
    assert suspected(raw) == (count >= SUSPECT)


def test_a_suspect_is_tried_alone_long_before_the_broker_gives_it_up() -> None:
    assert 2 * SUSPECT < DELIVERY_LIMIT / 2


def test_a_message_is_known_by_its_id_or_else_by_what_it_holds() -> None:
    id_ = uuid4()
    assert identity(received(message_id=str(id_))) == id_
    nameless = [received(b"1"), received(b"2"), received(b"1", message_id="\0no id")]
    assert len({identity(each) for each in nameless}) == 3
    assert isinstance(identity(nameless[0]), UUID)
    assert identity(received(b"1")) == identity(nameless[0])
