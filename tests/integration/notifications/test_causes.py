"""Whose message made a text necessary stays known when many are handled at once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.notifications.calendar.handlers import publish_event
from services.notifications.contacts.handlers import remember_contacts
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


def caused(story: Story, correlation: str, span: str) -> Any:
    """The contact of a story, told in a trace."""
    message = envelope(story.contact(), story.person, 1)
    named = {"correlationid": correlation, "traceparent": f"00-{'a' * 32}-{span * 16}-01"}
    return replace(message, envelope=message.envelope.model_copy(update=named))


async def test_each_late_contact_of_a_group_is_invited_because_of_its_own_message(
    sessions: Sessions,
) -> None:
    first, second = Story(), Story()
    messages = [caused(first, "c-first", "1"), caused(second, "c-second", "2")]
    async with sessions.begin() as session:
        for story in (first, second):
            await publish_event(session, envelope(story.published(), story.event, 1, later=60))
        await remember_contacts(session, messages)

    for story, correlation, message in zip(
        (first, second), ("c-first", "c-second"), messages, strict=True
    ):
        row = await invitation(sessions, story.event)
        assert row.correlation_id == correlation
        assert row.causation_id == str(message.envelope.id)
        assert row.traceparent == message.envelope.traceparent


async def invitation(sessions: Sessions, event_id: UUID) -> Any:
    statement = text("SELECT * FROM notifications WHERE event_id = :id AND kind = 'invitation'")
    async with sessions() as session:
        return (await session.execute(statement, {"id": event_id})).one()
