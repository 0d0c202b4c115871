"""The broker's users, each with exactly the rights its service needs, and the topology."""

import importlib
import importlib.util
import re
from collections.abc import Sequence

from aio_pika.exceptions import AMQPError

from deploy.bootstrap.accounts import SERVICES, Administrator, Passwords
from deploy.bootstrap.addresses import amqp
from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.management import EXCHANGES, NEVER_DROPPED, NOTHING, Management, management
from shared.messaging.topology import Queue, declare_topology


async def bootstrap_rabbitmq(admin: Administrator, passwords: Passwords) -> None:
    """Make the virtual host, a user for each service, the exchanges, queues and bindings.

    May be repeated; a changed password takes effect. A service's user can publish its own
    messages alone, read its own queues alone, and declare nothing. Raises DeployError for a
    RabbitMQ older than 3.10, no connection, or a queue that exists with other arguments.
    """
    async with management(admin) as api:
        await api.check_version()
        await _make_vhost(api)
        for service, password in passwords:
            await _make_service_user(api, service, password.amqp)
        await _keep_dead_letters(api)
    await _declare(admin.amqp_url, all_queues())


async def _make_vhost(api: Management) -> None:
    if await api.get("vhosts", api.vhost) is None:
        await api.put("vhosts", api.vhost, body={})
    await api.put(
        *("permissions", api.vhost, api.user),
        body={"configure": ".*", "write": ".*", "read": ".*"},
    )


async def _make_service_user(api: Management, service: str, password: str) -> None:
    await api.put_user(service, password)
    name = re.escape(service)
    await api.put(
        *("permissions", api.vhost, service),
        body={
            "configure": NOTHING,
            "write": rf"^(qayidis\.public|qayidis\.internal|{name}\.dead|{name}\.replay)$",
            "read": rf"^{name}\.",
        },
    )
    for exchange in EXCHANGES:
        await api.put(
            *("topic-permissions", api.vhost, service),
            body={"exchange": exchange, "write": rf"^{name}\.", "read": NOTHING},
        )


async def _keep_dead_letters(api: Management) -> None:
    # RabbitMQ 4 drops a message that was given back 20 times: looking at it would lose it.
    # By a policy, since it also reaches queues that are there already.
    await api.put(
        *("policies", api.vhost, "dead-letters"),
        body={
            "pattern": rf"^({'|'.join(SERVICES)})\..+\.dead$",
            "apply-to": "queues",
            "priority": 10,
            "definition": {"delivery-limit": NEVER_DROPPED},
        },
    )


def all_queues() -> list[Queue]:
    """Every queue that a service of ours reads."""
    modules = [f"services.{service}.subscribers" for service in SERVICES]
    present = [module for module in modules if importlib.util.find_spec(module)]
    return [queue for module in present for queue in importlib.import_module(module).QUEUES]


async def _declare(amqp_url: str, queues: Sequence[Queue]) -> None:
    address = amqp(amqp_url)
    try:
        await declare_topology(address.url, queues)
    except (AMQPError, OSError) as wrong:
        reason = str(wrong).splitlines()[0] if str(wrong) else type(wrong).__name__
        raise DeployError(
            f"RabbitMQ at {address.place} refused the exchanges and queues: {reason}"
        ) from wrong
