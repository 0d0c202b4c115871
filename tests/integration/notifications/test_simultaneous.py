"""Two messages handled at the same moment: neither may miss what the other one writes.

Each test holds one transaction open while the other runs, as two consumers or two processes may.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from services.notifications.calendar.handlers import cancel_event, change_event, publish_event
from services.notifications.contacts.handlers import remember_contacts
from services.notifications.enrolments.handlers import confirm_enrolments
from shared.database import Sessions, create_engine, create_sessions
from tests.support.story import Story, envelope
from tests.system import System


@pytest.fixture(scope="module")
async def sessions(system: System) -> AsyncIterator[Sessions]:
    """Sessions of the notifications service's own role."""
    url = system.database_url("notifications_app")
    engine = create_engine(url, service="tests", pool_size=5)
    yield create_sessions(engine, {"sealer": system.sealer("notifications")})
    await engine.dispose()


@pytest.mark.parametrize("first", ["contact", "event"])
async def test_a_contact_and_an_event_that_come_at_once_make_an_invitation(
    sessions: Sessions, first: str
) -> None:
    story = Story()
    contact = envelope(story.contact(), story.person, 1)
    event = envelope(story.published(), story.event, 1, later=1)

    async with sessions.begin() as one, sessions.begin() as other:
        if first == "contact":
            await remember_contacts(one, [contact])
            waiting = asyncio.create_task(publish_event(other, event))
        else:
            await publish_event(one, event)
            waiting = asyncio.create_task(remember_contacts(other, [contact]))
        await asyncio.sleep(0.2)
        await one.commit()
        await waiting

    assert await kinds(sessions, story.event) == ["invitation"]


async def test_who_is_confirmed_while_the_event_moves_is_told_of_the_new_time(
    sessions: Sessions,
) -> None:
    story, later = Story(), datetime(2032, 1, 1, 8, tzinfo=UTC)
    await learn(sessions, story)
    moved = envelope(story.rescheduled(later), story.event, 2)

    async with sessions.begin() as one, sessions.begin() as other:
        await confirm_enrolments(one, [envelope(story.confirmed(), story.enrolment, 1)])
        waiting = asyncio.create_task(change_event(other, moved))
        await asyncio.sleep(0.2)
        await one.commit()
        await waiting

    assert await owed(sessions, story.event) == ["rescheduled"]


async def test_who_is_confirmed_while_the_event_is_cancelled_is_told_of_that(
    sessions: Sessions,
) -> None:
    story = Story()
    await learn(sessions, story)
    ended = envelope(story.cancelled(), story.event, 2)

    async with sessions.begin() as one, sessions.begin() as other:
        await confirm_enrolments(one, [envelope(story.confirmed(), story.enrolment, 1)])
        waiting = asyncio.create_task(cancel_event(other, ended))
        await asyncio.sleep(0.2)
        await one.commit()
        await waiting

    assert await owed(sessions, story.event) == ["cancelled"]


async def test_who_hears_of_two_moves_at_once_is_told_of_the_last_alone(
    sessions: Sessions,
) -> None:
    story = Story()
    await learn(sessions, story)
    async with sessions.begin() as session:
        await confirm_enrolments(session, [envelope(story.confirmed(), story.enrolment, 1)])
    async with sessions.begin() as session:
        for version, year in ((2, 2032), (3, 2033)):
            later = datetime(year, 1, 1, 8, tzinfo=UTC)
            await change_event(session, envelope(story.rescheduled(later), story.event, version))

    statement = text(
        "SELECT version FROM owed_notices WHERE event_id = :id AND kind = 'rescheduled' UNION ALL "
        "SELECT version FROM notifications WHERE event_id = :id AND kind = 'rescheduled'"
    )
    async with sessions() as session:
        assert list(await session.scalars(statement, {"id": story.event})) == [3]


async def learn(sessions: Sessions, story: Story) -> None:
    async with sessions.begin() as session:
        await publish_event(session, envelope(story.published(), story.event, 1))
        await remember_contacts(session, [envelope(story.contact(), story.person, 1, later=60)])


async def kinds(sessions: Sessions, event_id: UUID) -> list[str]:
    statement = text("SELECT kind FROM notifications WHERE event_id = :id ORDER BY kind")
    async with sessions() as session:
        return list(await session.scalars(statement, {"id": event_id}))


async def owed(sessions: Sessions, event_id: UUID) -> list[str]:
    """Name what is owed, or was told already by the running service, beside the confirmation."""
    statement = text(
        "SELECT kind FROM owed_notices WHERE event_id = :id UNION "
        "SELECT kind FROM notifications WHERE event_id = :id "
        "AND kind NOT IN ('confirmation', 'reminder')"
    )
    async with sessions() as session:
        return list(await session.scalars(statement, {"id": event_id}))
