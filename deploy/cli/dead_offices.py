"""The dead letter queues as the administrator reaches them, so also while the services are down."""

import asyncio
import getpass
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from deploy.bootstrap.addresses import postgres
from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.keys import ring_file
from deploy.bootstrap.rabbitmq import all_queues
from deploy.cli.servers import DATABASE
from deploy.cli.tokens import keys_from_environment
from deploy.local.system import where
from services.notifications.contacts.dead_letters import forget_erased
from services.registration.dead_letters.auditing import audit_dead_letters
from shared.actors import Actor, acting_as
from shared.database import create_engine, create_sessions
from shared.messaging.dead_letters.away import SERVER_AWAY
from shared.messaging.dead_letters.looking import Servers
from shared.messaging.dead_letters.moving import Witness
from shared.messaging.dead_letters.office import Office
from shared.messaging.dead_letters.passing import PassLimits
from shared.messaging.dead_letters.turns import BusyError
from shared.messaging.topology import Queue
from shared.observability import describe
from shared.sealing import Sealer

T = TypeVar("T")

_LIMITS = PassLimits(most=200_000, piece=200, rest=0.0)
_FRESH_SECONDS = 60.0
_WITNESSES: Mapping[str, Witness] = {
    "registration": audit_dead_letters,
    "notifications": forget_erased,
}


def run(work: Callable[[Mapping[str, Office]], Awaitable[T]], by: str | None = None) -> T:
    """Do something to the dead letters of every service, in somebody's name.

    What is wrong is a DeployError.
    """
    return asyncio.run(_run(work, by or f"command line: {getpass.getuser()}"))


async def _run(work: Callable[[Mapping[str, Office]], Awaitable[T]], actor: str) -> T:
    try:
        async with _offices() as offices:
            with acting_as(Actor(actor)):
                return await work(offices)
    except BusyError as busy:
        raise DeployError(f"{busy}; try again in a moment") from busy
    except LookupError as without_keys:
        raise DeployError(f"{without_keys}; set QAYIDIS_KEYS_DIR") from without_keys
    except SERVER_AWAY as away:
        raise DeployError(f"a server does not answer as it should: {describe(away)}") from away


@asynccontextmanager
async def _offices() -> AsyncIterator[Mapping[str, Office]]:
    servers = _servers()
    async with AsyncExitStack() as stack:
        offices = {}
        for service, queues in groupby(all_queues(), key=lambda queue: queue.service):
            offices[service] = await _office(stack, service, list(queues), servers)
        yield offices


async def _office(
    stack: AsyncExitStack, service: str, queues: list[Queue], servers: Servers
) -> Office:
    engine = create_engine(servers.database_url, service="qayidis dead", pool_size=2)
    stack.push_async_callback(engine.dispose)
    # The administrator's search_path leads nowhere: the tables are named with their schema.
    own = engine.execution_options(schema_translate_map={None: service})
    sessions = create_sessions(own, {"sealer": _sealer(service)})
    return Office(
        queues,
        sessions,
        servers,
        _LIMITS,
        fresh_seconds=_FRESH_SECONDS,
        witness=_WITNESSES.get(service),
    )


def _sealer(service: str) -> Sealer | None:
    """The keys are needed by what is written down, not by looking."""
    try:
        return Sealer.from_file(ring_file(keys_from_environment(), service))
    except ValueError:
        return None


def _servers() -> Servers:
    given = os.environ.get("QAYIDIS_POSTGRES_URL"), os.environ.get("QAYIDIS_AMQP_URL")
    if not all(given):
        known = where()
        given = given[0] or known["postgres"], given[1] or known["amqp"]
    address = postgres(str(given[0]))
    database = DATABASE if address.path in {"", "postgres"} else address.path
    url = replace(address, scheme="postgresql", path=database).url
    return Servers(amqp_url=str(given[1]), database_url=url)
