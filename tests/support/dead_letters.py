"""Dead letters for tests: made by real consumers, or parked by hand as a consumer would."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import aio_pika
from typer.testing import CliRunner

from deploy.cli.main import app
from services.notifications.contacts.dead_letters import forget_erased
from services.notifications.subscribers import QUEUES
from shared.actors import Actor, acting_as
from shared.contracts.base import INTERNAL
from shared.database import create_engine, create_sessions
from shared.messaging.dead_letters.headers import PREFIX
from shared.messaging.dead_letters.looking import Servers
from shared.messaging.dead_letters.office import Office
from shared.messaging.dead_letters.passing import PassLimits
from shared.messaging.suspects import SUSPECT
from tests.support.injection import inject, inject_raw, message
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System

CONTACTS = "notifications.contacts"


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    returncode: int
    stdout: str
    stderr: str


def qayidis_dead(system: System, *words: str, keys: bool = True) -> Said:
    """Run `qayidis dead …` as the administrator of a system, without the start of a process."""
    folder = system.around.keys_folder if keys else system.root / "nothing"
    settings = {
        "QAYIDIS_POSTGRES_URL": system.database_url(),
        "QAYIDIS_AMQP_URL": system.admin.amqp_url,
        "QAYIDIS_KEYS_DIR": str(folder),
    }
    with ThreadPoolExecutor(1) as beside:  # the command has an event loop of its own
        runner = CliRunner(env=settings)
        done = beside.submit(runner.invoke, app, ["dead", *words]).result(timeout=300)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Said(done.exit_code, done.stdout, done.stderr)


def listed(system: System, *words: str) -> list[dict[str, Any]]:
    """The dead letters, one by one."""
    done = qayidis_dead(system, "list", "--letters", "--json", *words)
    assert done.returncode == 0, done.stderr
    letters: list[dict[str, Any]] = json.loads(done.stdout)
    return letters


def recorded(system: System, ref: str) -> list[dict[str, Any]]:
    """What was written down of one letter, the newest first."""
    done = qayidis_dead(system, "records", "--json", "--ref", ref)
    assert done.returncode == 0, done.stderr
    records: list[dict[str, Any]] = json.loads(done.stdout)
    return records


async def unreadable(system: System, body: bytes) -> None:
    """Send what is no message to the notifications service."""
    await inject_raw(system, body, INTERNAL, "registration.contact_changed.v1", "registration")


async def poisoned(system: System) -> tuple[Story, aio_pika.Message]:
    """Send a message that no column of Postgres can hold, so that its handler fails for ever."""
    story = Story()
    made = message(story.contact(), story.person, 2**40)
    await inject(system, (story.contact(), made))
    return story, made


async def lie_there(system: System, *queues: str, count: int) -> None:
    """Wait until so many dead letters lie in these queues together."""

    async def look() -> None:
        assert await depth(system, *queues) == count

    await eventually(look)


async def depth(system: System, *queues: str) -> int:
    """Count the dead letters that nobody holds."""
    total = 0
    async with system.broker() as channel:
        for queue in queues:
            declared = await channel.declare_queue(f"{queue}.dead", passive=True)
            total += declared.declaration_result.message_count or 0
    return total


async def park(
    system: System, messages: Sequence[aio_pika.Message], queue: str = CONTACTS, **told: Any
) -> None:
    """Park messages as a consumer would whose code failed on them."""
    origin = {
        "exception": "KeyError",
        "reason": "KeyError: 'district'",
        "where": "services/notifications/contacts/handlers.py:41 remember_contacts",
        "queue": queue,
        "exchange": INTERNAL,
        "routing-key": "registration.contact_changed.v1",
        "attempts": 5,
        "failed-at": datetime.now(UTC).isoformat(),
        "app-id": "registration",
        "service": queue.partition(".")[0],
        "version": "0.0.1",
        **told,
    }
    for made in messages:
        made.headers = {**made.headers, **{PREFIX + name: value for name, value in origin.items()}}
    async with system.broker() as channel:
        exchange = await channel.get_exchange(f"{queue.partition('.')[0]}.dead", ensure=False)
        for start in range(0, len(messages), 500):
            sent = (exchange.publish(made, queue) for made in messages[start : start + 500])
            await asyncio.gather(*sent)


async def handled(system: System, message_ids: Sequence[str | None], queue: str = CONTACTS) -> int:
    """Count how many of these messages the notifications service has handled."""
    async with system.database() as database:
        count: int = await database.fetchval(
            "SELECT count(*) FROM notifications.inbox WHERE queue = $1 AND message_id = ANY($2)",
            queue,
            [UUID(each) for each in message_ids],
        )
    return count


async def purge(system: System) -> None:
    """Empty every dead letter queue."""
    async with system.broker() as channel:
        for queue in ("registration.events", "registration.contacts", CONTACTS):
            await (await channel.get_queue(f"{queue}.dead", ensure=False)).purge()
        for queue in ("notifications.events", "notifications.enrolments"):
            await (await channel.get_queue(f"{queue}.dead", ensure=False)).purge()


@asynccontextmanager
async def notifications_office(
    system: System, stale_seconds: float = 60.0, wait_seconds: float = 5.0
) -> AsyncIterator[Office]:
    """The dead letters of the notifications service, with the service's own rights."""
    engine = create_engine(system.database_url("notifications_app"), service="t", pool_size=3)
    sessions = create_sessions(engine, {"sealer": system.sealer("notifications")})
    servers = Servers(
        system.broker_url("notifications"),
        system.database_url("notifications_app"),
        wait_seconds,
    )
    office = Office(
        QUEUES,
        sessions,
        servers,
        PassLimits(rest=0.0),
        stale_seconds=stale_seconds,
        witness=forget_erased,
    )
    with acting_as(Actor("test")):
        yield office
    await engine.dispose()


async def suspect(system: System, queue: str, count: int) -> None:
    """Make suspects of what waits in a queue that nobody reads: deliver it for nothing."""
    async with system.broker() as channel:
        live = await channel.get_queue(queue, ensure=False)
        for _ in range(SUSPECT):
            taken = [await live.get() for _ in range(count)]
            for each in taken:
                await each.reject(requeue=True)
