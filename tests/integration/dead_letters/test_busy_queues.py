"""What is shown of dead letters while reading them takes long, or somebody else is at them."""

import asyncio
from collections.abc import AsyncIterator

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from shared.messaging.dead_letters import looking
from shared.messaging.dead_letters.grouping import Which
from shared.messaging.dead_letters.handlers import DeadLetterDesk
from shared.messaging.dead_letters.letters import read_letter
from shared.messaging.dead_letters.passing import PassLimits, pass_along
from shared.messaging.dead_letters.schemas import DeadLetterReplay
from shared.messaging.dead_letters.turns import BusyError, turn
from tests.support.dead_letters import CONTACTS, notifications_office, park
from tests.support.injection import message
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System

ALL = Which(CONTACTS)
NOBODYS = "000000000000"


class Held:
    """Holds every look when it has counted the letters and read the first of them."""

    def __init__(self) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self.looks = 0

    async def pass_along(
        self, channel: AbstractChannel, queue: str, limits: PassLimits
    ) -> AsyncIterator[list[AbstractIncomingMessage]]:
        self.looks += 1
        async for piece in pass_along(channel, queue, limits):
            self.begun.set()
            await self.go_on.wait()
            yield piece


async def park_one(system: System) -> aio_pika.Message:
    story = Story()
    made = message(story.contact(), story.person, 1)
    await park(system, [made])
    return made


async def test_who_asks_meanwhile_gets_what_was_seen_last_and_when(dead: System) -> None:
    database_url = dead.database_url("notifications_app")
    async with notifications_office(dead) as office:
        await park_one(dead)
        first = await office.overview(ALL)
        assert (first.depth, first.outdated) == (1, False)
        await park_one(dead)
        async with turn(database_url, CONTACTS, 5.0):
            meanwhile = await office.overview(ALL)
        assert (meanwhile.depth, meanwhile.outdated) == (1, True)
        assert meanwhile.seen_at == first.seen_at

        async def seen_anew() -> None:
            after = await office.overview(ALL)
            assert (after.depth, after.outdated) == (2, False)

        await eventually(seen_anew)


async def test_what_was_seen_too_long_ago_is_not_shown(dead: System) -> None:
    async with notifications_office(dead, stale_seconds=0.01) as office:
        await park_one(dead)
        await office.overview(ALL)
        await park_one(dead)
        async with turn(dead.database_url("notifications_app"), CONTACTS, 5.0):
            with pytest.raises(BusyError):
                await office.overview(ALL)


async def test_a_letter_that_is_gone_takes_no_last_look_with_it(dead: System) -> None:
    async with notifications_office(dead, wait_seconds=2.0) as office:
        await park_one(dead)
        first = await office.overview(ALL)
        await park_one(dead)
        async with turn(dead.database_url("notifications_app"), CONTACTS, 5.0):
            with pytest.raises(BusyError):
                await office.show(NOBODYS)
            meanwhile = await office.overview(ALL)
        assert (meanwhile.seen_at, meanwhile.outdated) == (first.seen_at, True)
        assert await office.show(NOBODYS) is None


async def test_a_letter_that_is_parked_during_a_look_is_not_called_gone(
    dead: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held()
    async with notifications_office(dead) as office:
        await park_one(dead)
        await office.overview(ALL)
        await park_one(dead)
        monkeypatch.setattr(looking, "pass_along", held.pass_along)
        await office.overview(ALL)
        await held.begun.wait()
        late = read_letter(CONTACTS, await park_one(dead)).ref
        opening = asyncio.create_task(office.show(late))
        await asyncio.wait([opening], timeout=1.0)
        held.go_on.set()
        assert await opening is not None


async def test_a_list_and_what_is_left_say_when_they_are_of_an_old_look(
    dead: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held()
    async with notifications_office(dead) as office:
        desk = DeadLetterDesk(office)
        await park_one(dead)
        await park_one(dead)
        first = await desk.letters(ALL, 50, None)
        assert (len(first.items), first.outdated) == (2, False)
        await park_one(dead)
        monkeypatch.setattr(looking, "pass_along", held.pass_along)
        meanwhile = await desk.letters(ALL, 50, None)
        assert (len(meanwhile.items), meanwhile.outdated) == (2, True)
        assert meanwhile.seen_at == first.seen_at
        held.go_on.set()
        moved = await desk.replay_group(DeadLetterReplay(queue=CONTACTS, limit=1))
        assert (moved.replayed, moved.outdated) == (1, False)
        held.go_on.clear()
        await park_one(dead)
        moved = await desk.replay_group(DeadLetterReplay(queue=CONTACTS, limit=1))
        assert (moved.replayed, moved.outdated) == (1, True)
        held.go_on.set()


async def test_a_look_goes_on_when_who_asked_for_it_hangs_up(
    dead: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held()
    async with notifications_office(dead) as office:
        await park_one(dead)
        monkeypatch.setattr(looking, "pass_along", held.pass_along)
        asking = asyncio.create_task(office.overview(ALL))
        await held.begun.wait()
        asking.cancel()
        await asyncio.wait([asking])
        held.go_on.set()
        after = await office.overview(ALL)
        assert (after.depth, after.outdated, held.looks) == (1, False, 1)
