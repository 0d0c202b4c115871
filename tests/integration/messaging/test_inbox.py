"""The inbox: a message does its work once, however often and wherever it is delivered."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.registration import ContactChanged
from shared.database import Sessions, create_engine, create_sessions
from shared.messaging.inbox import handle
from tests.support.story import Story, envelope
from tests.system import System

QUEUE = "notifications.tests"


class Work:
    """A handler that notes what it was given, and may take its time or fail."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.fails = False
        self.seconds = 0.0

    async def __call__(self, session: AsyncSession, messages: Sequence[Any]) -> None:
        await asyncio.sleep(self.seconds)
        if self.fails:
            raise RuntimeError("the work failed")
        self.done += messages


@pytest.fixture(scope="module")
async def sessions(system: System) -> AsyncIterator[Sessions]:
    """Sessions of the notifications service's own role."""
    url = system.database_url("notifications_app")
    engine = create_engine(url, service="tests", pool_size=5)
    yield create_sessions(engine)
    await engine.dispose()


async def take(sessions: Sessions, work: Work, *messages: Any) -> int:
    async with sessions.begin() as session:
        return await handle(session, QUEUE, {ContactChanged: work}, messages)


async def test_a_message_that_comes_again_is_not_handled_again(sessions: Sessions) -> None:
    work, story = Work(), Story()
    first, second = (envelope(story.contact(), story.person, version) for version in (1, 2))
    assert await take(sessions, work, first, first) == 1
    assert await take(sessions, work, second, first) == 1
    assert await take(sessions, work, first, second) == 0
    assert work.done == [first, second]


async def test_a_message_that_two_processes_get_at_once_is_handled_by_one(
    sessions: Sessions,
) -> None:
    work, story = Work(), Story()
    work.seconds = 0.2
    message = envelope(story.contact(), story.person, 1)
    counts = await asyncio.gather(*(take(sessions, work, message) for _ in range(4)))
    assert sorted(counts) == [0, 0, 0, 1]
    assert work.done == [message]


async def test_a_message_whose_work_failed_is_not_taken_for_done(sessions: Sessions) -> None:
    work, story = Work(), Story()
    message = envelope(story.contact(), story.person, 1)
    work.fails = True
    with pytest.raises(RuntimeError):
        await take(sessions, work, message)
    work.fails = False
    assert await take(sessions, work, message) == 1


async def test_two_queues_of_a_service_each_handle_the_same_message(sessions: Sessions) -> None:
    work, story = Work(), Story()
    message = envelope(story.contact(), story.person, 1)
    for queue in (QUEUE, f"{QUEUE}.other"):
        async with sessions.begin() as session:
            assert await handle(session, queue, {ContactChanged: work}, [message]) == 1
