"""The headers that tell why and where a message failed, and what is taken off before a replay."""

from collections.abc import Mapping
from typing import Any

PREFIX = "x-qayidis-"
REPLAYS = f"{PREFIX}replays"
"""How often a message was put back already; stays when it fails again."""

_BROKERS = ("x-death", "x-first-death-", "x-last-death-", "x-delivery-count", "x-acquired-count")


def is_ours(name: str) -> bool:
    """Tell whether a header is written by us or by RabbitMQ, and so says nothing of a person."""
    return name.startswith((PREFIX, *_BROKERS))


def without_failure(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what we and RabbitMQ wrote about failures, so that a message is as it was sent."""
    return {name: value for name, value in headers.items() if not is_ours(name)}


def replays(headers: Mapping[str, Any]) -> int:
    """Tell how often a message was replayed."""
    count = headers.get(REPLAYS, 0)
    return count if isinstance(count, int) and count > 0 else 0
