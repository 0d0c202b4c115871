"""What is shown of dead letters while reading them takes long, or somebody else is at them."""

import pytest

from shared.messaging.dead_letters.grouping import Which
from shared.messaging.dead_letters.turns import BusyError, turn
from tests.support.dead_letters import CONTACTS, notifications_office, park
from tests.support.injection import message
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System

ALL = Which(CONTACTS)


async def park_one(system: System) -> None:
    story = Story()
    await park(system, [message(story.contact(), story.person, 1)])


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
