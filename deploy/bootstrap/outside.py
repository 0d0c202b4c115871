"""Queues for outside systems: another ministry's user and the queue it alone may read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from deploy.bootstrap.accounts import Administrator
from deploy.bootstrap.addresses import amqp
from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.management import EXCHANGES, NEVER_DROPPED, NOTHING, Management, management

PUBLIC = "qayidis.public"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_WORD = re.compile(r"[a-z0-9_-]+|\*|#")


@dataclass(frozen=True)
class Outside:
    """What an outside system is told: where to connect and which queue to read."""

    amqp_url: str = field(repr=False)
    queue: str


@dataclass(frozen=True)
class Limits:
    """How much waits for a system that does not read: the oldest goes first, by count or age.

    The publisher never notices: a queue that refuses would nack a message that other queues
    took. What was dropped can be had again by replay, and `sequence` shows the gap.
    """

    messages: int = 1_000_000
    days: int = 30


async def add_outside(
    admin: Administrator,
    name: str,
    keys: Sequence[str],
    password: str,
    limits: Limits | None = None,
) -> Outside:
    """Let one outside system read the messages of `keys` (AMQP topic patterns) on the public
    exchange.

    Its user can read `outside.<name>` and nothing else; it cannot publish, declare or bind.
    Repeating it sets the password and the keys to the given ones and keeps what waits.
    Raises DeployError for an unusable name or key, or when the exchange is not there.
    """
    check_name(name)
    _check_keys(keys)
    queue = f"outside.{name}"
    async with management(admin) as api:
        await api.check_version()
        await _make_queue(api, queue, limits or Limits())
        await _bind(api, queue, set(keys))
        await api.put_user(queue, password)
        await _allow(api, queue, keys)
    url = replace(amqp(admin.amqp_url), user=queue, password=password).url
    return Outside(amqp_url=url, queue=queue)


async def remove_outside(admin: Administrator, name: str) -> bool:
    """Shut one outside system out; its queue and all that waits there go too.

    False when there was no such system. Raises DeployError.
    """
    check_name(name)
    queue = f"outside.{name}"
    async with management(admin) as api:
        had_user = await api.delete("users", queue)
        had_queue = await api.delete("queues", api.vhost, queue)
        await api.delete("policies", api.vhost, queue)
    return had_user or had_queue


def check_name(name: str) -> None:
    """Raise DeployError when `name` cannot be part of a queue's name."""
    if not _NAME.fullmatch(name):
        raise DeployError(
            f"{name!r} cannot name an outside system: small Latin letters, digits, - and _, "
            "a letter first, 40 at most"
        )


def _check_keys(keys: Sequence[str]) -> None:
    if not keys:
        raise DeployError("give at least one --key, e.g. registration.enrolment_confirmed.v1")
    for key in keys:
        if len(key) > 255 or not all(_WORD.fullmatch(word) for word in key.split(".")):
            raise DeployError(
                f"{key!r} is not a routing key pattern, e.g. events.*.v1 or registration.#"
            )


async def _make_queue(api: Management, queue: str, limits: Limits) -> None:
    # By a policy, since a queue's own arguments could never be changed again.
    await api.put(
        *("policies", api.vhost, queue),
        body={
            "pattern": f"^{re.escape(queue)}$",
            "apply-to": "queues",
            "priority": 10,
            "definition": {
                "max-length": limits.messages,
                "overflow": "drop-head",
                "message-ttl": limits.days * 24 * 60 * 60 * 1000,
                "delivery-limit": NEVER_DROPPED,
            },
        },
    )
    await api.put(
        *("queues", api.vhost, queue),
        body={"durable": True, "arguments": {"x-queue-type": "quorum"}},
    )


async def _bind(api: Management, queue: str, keys: set[str]) -> None:
    path = ("bindings", api.vhost, "e", PUBLIC, "q", queue)
    bound = {each["routing_key"]: each["properties_key"] for each in await api.get(*path) or []}
    for key in sorted(keys - bound.keys()):
        await api.post(*path, body={"routing_key": key})
    for key in sorted(bound.keys() - keys):
        await api.delete(*path, bound[key])


async def _allow(api: Management, queue: str, keys: Sequence[str]) -> None:
    await api.put(
        *("permissions", api.vhost, queue),
        body={"configure": NOTHING, "write": NOTHING, "read": f"^{re.escape(queue)}$"},
    )
    readable = "|".join(re.escape(key) for key in keys)
    for exchange in EXCHANGES:
        await api.put(
            *("topic-permissions", api.vhost, queue),
            body={
                "exchange": exchange,
                "write": NOTHING,
                "read": f"^({readable})$" if exchange == PUBLIC else NOTHING,
            },
        )
