"""What a dead letter says of itself, made of its headers; whoever parked it, and in any state."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from aio_pika.abc import AbstractMessage

from shared.contracts.base import is_type
from shared.messaging.dead_letters.headers import PREFIX, replays
from shared.messaging.topology import DELIVERY_LIMIT

Kind = Literal["unreadable", "killed", "database", "failed", "foreign"]
"""Why a message is there, as far as it decides what to do.

`unreadable`: no code of ours can read it. `killed`: the process died each time it handled it alone,
or RabbitMQ gave it up after too many deliveries. `database`: Postgres refused what was made of it.
`failed`: the code failed. `foreign`: somebody put it there past the consumer.
"""

REF_DIGITS = 12
LONGEST = 300

# The client gives a message that has none an id without hyphens. Of digits alone it may be a phone.
_UUID = re.compile(r"(?=.*[a-f])([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})")
_SENDER = re.compile(r"[a-z][a-z_.-]{0,59}")

_DATABASE = (
    "DBAPIError",
    "DataError",
    "IntegrityError",
    "InternalError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
    "StatementError",
)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead letter without its body; None is what nobody wrote down.

    `ref` names it as long as it lies there: it is made of what it holds, so that a message without
    an id, or one that cannot be decoded, has a name too. `queue` is where it failed, `sender` the
    service that sent it, `version` that of the code that failed. What a sender could have filled
    with anything, `message_id`, `type` and `sender`, is None where it does not look as it must: it
    is shown unmasked, and kept.
    """

    ref: str
    queue: str
    kind: Kind
    message_id: str | None
    type: str | None
    exception: str
    reason: str | None
    where: str | None
    exchange: str | None
    routing_key: str | None
    attempts: int | None
    failed_at: datetime | None
    service: str
    version: str | None
    sender: str | None
    replays: int
    size: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter with its message."""

    told: DeadLetter
    message: AbstractMessage = field(repr=False)


def read_letter(queue: str, message: AbstractMessage) -> DeadLetter:
    """Read what a message in `<queue>.dead` says of itself; never raises, whatever it holds."""
    headers = message.headers
    death = _death(headers)
    exception, failed_at = _text(headers, "exception"), _failed_at(headers, death)
    kind: Kind = "foreign"
    if exception is not None:
        kind = _kind(exception)
    elif death.get("reason") == "delivery_limit":
        kind = "killed"
    return DeadLetter(
        ref=_ref(queue, message, failed_at),
        queue=queue,
        kind=kind,
        message_id=_only(_is_id, message.message_id),
        type=_only(is_type, message.type) or _type_inside(message.body),
        exception=exception or printable(str(death.get("reason", ""))) or "unknown",
        reason=_text(headers, "reason"),
        where=_text(headers, "where"),
        exchange=_text(headers, "exchange") or printable(str(death.get("exchange", ""))),
        routing_key=_text(headers, "routing-key") or _death_key(death),
        attempts=_attempts(headers, kind),
        failed_at=failed_at,
        service=_text(headers, "service") or queue.partition(".")[0],
        version=_text(headers, "version"),
        sender=_only(_is_sender, _text(headers, "app-id") or message.app_id),
        replays=replays(headers),
        size=len(message.body),
    )


def printable(text: str | None) -> str | None:
    """Make a text of somebody else fit for a terminal and a page: bounded, without controls."""
    if not text:
        return None
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)[
        :LONGEST
    ]


def _kind(exception: str) -> Kind:
    if exception == "UnreadableMessageError":
        return "unreadable"
    if exception == "ProcessDiedError":
        return "killed"
    return "database" if exception in _DATABASE else "failed"


def _text(headers: Mapping[str, Any], name: str) -> str | None:
    value = headers.get(PREFIX + name)
    return printable(value) if isinstance(value, str) else None


def _death(headers: Mapping[str, Any]) -> Mapping[str, Any]:
    """What RabbitMQ wrote when it dead-lettered the message itself."""
    deaths = headers.get("x-death")
    first = deaths[0] if isinstance(deaths, list) and deaths else None
    return first if isinstance(first, dict) else {}


def _death_key(death: Mapping[str, Any]) -> str | None:
    keys = death.get("routing-keys")
    return printable(str(keys[0])) if isinstance(keys, list) and keys else None


def _failed_at(headers: Mapping[str, Any], death: Mapping[str, Any]) -> datetime | None:
    told = headers.get(f"{PREFIX}failed-at", death.get("time"))
    try:
        at = datetime.fromisoformat(told) if isinstance(told, str) else told
    except ValueError:
        return None
    if not isinstance(at, datetime):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _attempts(headers: Mapping[str, Any], kind: Kind) -> int | None:
    told = headers.get(f"{PREFIX}attempts")
    if isinstance(told, int):
        return told
    return DELIVERY_LIMIT if kind == "killed" else None


def _type_inside(body: bytes) -> str | None:
    try:
        told = json.loads(body).get("type")
    except (ValueError, AttributeError, RecursionError):
        return None
    return _only(is_type, told) if isinstance(told, str) else None


def _only(is_such: Callable[[str], bool], told: str | None) -> str | None:
    return told if told and is_such(told) else None


def _is_id(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def _is_sender(text: str) -> bool:
    return _SENDER.fullmatch(text) is not None


def _ref(queue: str, message: AbstractMessage, failed_at: datetime | None) -> str:
    at = failed_at.isoformat() if failed_at else ""
    head = "\0".join((queue, message.message_id or "", at))
    return hashlib.sha256(head.encode() + b"\0" + message.body).hexdigest()[:REF_DIGITS]
