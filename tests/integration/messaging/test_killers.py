"""A message that kills its process goes alone into its dead letter queue."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import aio_pika
import asyncpg
import pytest

from deploy.bootstrap.accounts import Administrator, Passwords
from shared.database import create_engine, create_sessions
from shared.messaging.suspects import ATTEMPTS, SUSPECT
from shared.messaging.topology import DELIVERY_LIMIT
from shared.retention import Retention, forget
from tests.support.dead_letters import CONTACTS, depth, handled, listed, qayidis_dead, suspect
from tests.support.injection import inject, message
from tests.support.killing import Killing
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System, unique_name, whole_system

MANY = 60
EVENTS = "notifications.events"


@pytest.fixture
def killing(tmp_path: Path) -> Killing:
    """What is to die or hang."""
    folder = tmp_path / "killing"
    folder.mkdir()
    return Killing(folder)


@pytest.fixture
async def killed(
    administrator: Administrator,
    passwords: Passwords,
    template: str,
    tmp_path: Path,
    killing: Killing,
) -> AsyncIterator[System]:
    """A system of its own, of which nothing runs yet."""
    start = whole_system(
        *(administrator, passwords, tmp_path / "system", unique_name("killed")),
        template=template,
        started=(),
        wrap=killing.wrap,
    )
    system = await asyncio.to_thread(start.__enter__)
    try:
        yield system
    finally:
        await asyncio.to_thread(start.__exit__, None, None, None)


async def test_killers_go_alone_and_everybody_around_them_is_handled(
    killed: System, killing: Killing
) -> None:
    stories = [Story() for _ in range(MANY)]
    made = await sent(killed, stories)
    killers = [stories[10], stories[40]]
    for each in killers:
        killing.dies_on(each.person)
    ids = {each.person: one.message_id for each, one in zip(stories, made, strict=True)}
    innocents = [ids[each.person] for each in stories if each not in killers]

    died = 0
    # In the group, then each killer once: by now the next process handles everybody else.
    for _ in range(SUSPECT + len(killers)):
        await dies(killed)
        died += 1
    met = killing.tried()[-len(killers) :]
    killed.launch("notifications")

    async def innocents_are_handled() -> None:
        assert await handled(killed, innocents) == len(innocents)

    await eventually(innocents_are_handled, 60)
    assert set(met) == {str(each.person) for each in killers}
    while await depth(killed, CONTACTS) < len(killers):
        if killed.processes.running("notifications") is None:
            died += 1
            assert died < DELIVERY_LIMIT, "the broker gave up"
            killed.launch("notifications")
        await asyncio.sleep(0.05)
    assert died == SUSPECT + ATTEMPTS * len(killers)

    letters = listed(killed)
    assert {each["message_id"] for each in letters} == {ids[each.person] for each in killers}
    for letter in letters:
        assert (letter["kind"], letter["exception"]) == ("killed", "ProcessDiedError")
        assert f"the process died {ATTEMPTS} times" in letter["reason"]
    assert await handled(killed, [ids[each.person] for each in killers]) == 0
    assert await contacts(killed) == len(innocents)

    # It runs on, nobody is suspected any more, and a replay begins anew.
    async def forgotten() -> None:
        assert await suspects(killed) == []

    await eventually(forgotten, 60)
    for each in killers:
        killing.mend(each.person)
    for letter in letters:
        assert qayidis_dead(killed, "replay", letter["ref"]).returncode == 0

    async def all_are_handled() -> None:
        assert await handled(killed, list(ids.values())) == MANY

    await eventually(all_are_handled, 60)
    assert await contacts(killed) == MANY


async def test_who_is_killed_from_outside_parks_no_innocent(
    killed: System, killing: Killing
) -> None:
    story = Story()
    (made,) = await sent(killed, [story])
    killing.hangs_on(story.person)
    for times in range(1, SUSPECT + ATTEMPTS):
        killed.launch("notifications")

        async def come_to(times: int = times) -> None:
            assert len(killing.tried()) == times

        await eventually(come_to, 60)
        await killed.kill9("notifications")
    assert [row["attempts"] for row in await suspects(killed)] == [ATTEMPTS - 1]
    killing.mend(story.person)
    killed.launch("notifications")

    async def look() -> None:
        assert await handled(killed, [made.message_id]) == 1

    await eventually(look, 60)
    assert await suspects(killed) == []
    assert await depth(killed, CONTACTS) == 0


async def test_a_death_is_blamed_on_one_message_alone(killed: System, killing: Killing) -> None:
    story = Story()
    await sent(killed, [story])
    event = story.published()
    await inject(killed, (event, message(event, story.event, 1)))
    for queue, subject in ((CONTACTS, story.person), (EVENTS, story.event)):
        await suspect(killed, queue, count=1)
        killing.hangs_on(subject)
    await asyncio.to_thread(killed.start, ["notifications"])

    async def come_to() -> None:
        assert killing.tried()

    await eventually(come_to, 60)
    await asyncio.sleep(1)  # for the reader of the other queue, which must not
    await killed.kill9("notifications")
    assert len(killing.tried()) == len(await suspects(killed)) == 1


async def test_what_is_left_of_a_suspect_goes_with_the_inbox(killed: System) -> None:
    """A row stays behind when the process ends between parking and forgetting."""
    async with killed.database("notifications_app") as database:
        await database.execute(
            "INSERT INTO suspects (queue, message_id, attempts, at) VALUES "
            "($1, gen_random_uuid(), 3, now() - interval '31 days'), "
            "($1, gen_random_uuid(), 1, now() - interval '29 days')",
            CONTACTS,
        )
    engine = create_engine(
        killed.database_url("notifications_app"), service="notifications", pool_size=1
    )
    month = timedelta(days=30)
    await forget(create_sessions(engine), Retention(month, month, month))
    await engine.dispose()
    assert [row["attempts"] for row in await suspects(killed)] == [1]


async def sent(system: System, stories: Sequence[Story]) -> list[aio_pika.Message]:
    """Send one contact of each story, in this order."""
    contacts = [each.contact() for each in stories]
    made = [message(one, each.person, 1) for one, each in zip(contacts, stories, strict=True)]
    await inject(system, *zip(contacts, made, strict=True))
    return made


async def dies(system: System, seconds: float = 120) -> None:
    """Start the notifications service and wait until it has died."""
    system.launch("notifications")

    async def look() -> None:
        assert system.processes.running("notifications") is None

    await eventually(look, seconds)


async def suspects(system: System) -> list[asyncpg.Record]:
    """Whom the notifications service suspects."""
    async with system.database() as database:
        return list(await database.fetch("SELECT * FROM notifications.suspects"))


async def contacts(system: System) -> int:
    """How many contacts it remembers."""
    async with system.database() as database:
        count: int = await database.fetchval("SELECT count(*) FROM notifications.contacts")
    return count
