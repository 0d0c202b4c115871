"""A replay or a drop that ends in the middle loses nothing, and nothing is handled twice."""

import asyncio
from typing import Any

import pytest
from aio_pika.abc import AbstractChannel

from shared.messaging.dead_letters.away import SERVER_AWAY
from shared.messaging.dead_letters.grouping import Which
from shared.messaging.dead_letters.letters import Letter
from shared.messaging.dead_letters.moving import Mover
from shared.messaging.dead_letters.passing import PassLimits, open_channel, pass_along
from shared.messaging.dead_letters.replaying import Replayer
from shared.messaging.topology import Queue
from tests.support.dead_letters import (
    CONTACTS,
    depth,
    handled,
    lie_there,
    listed,
    notifications_office,
    park,
    recorded,
)
from tests.support.desk import Desk
from tests.support.injection import inject, message
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System

EVENTS = "notifications.events"


class Died(BaseException):
    """The process was killed here."""


STEPS = {
    # after the record is committed, before anything is sent: the letter lies there, on record
    "before the publish": (Replayer, "publish", 1, 0),
    # it is on its way and in the dead letter queue as well
    "before the acknowledgement": (Mover, "acknowledge", 1, 1),
    "before the record": (Mover, "write_down", 0, 0),
}


@pytest.mark.parametrize("step", STEPS)
async def test_a_crash_at_any_step_of_a_replay_loses_nothing_and_texts_nobody_twice(
    dead: System, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    owner, name, records, sent = STEPS[step]
    story, desk = Story(), Desk(dead)
    contact = message(story.contact(), story.person, 1)
    await inject(dead, (story.contact(), contact))
    await _handled(dead, contact.message_id, CONTACTS)
    # Whoever handles it invites the person.
    made = message(story.published(), story.event, 1)
    await park(dead, [made], EVENTS)
    (letter,) = listed(dead)

    async def die(*_: Any, **__: Any) -> None:
        raise Died

    which = Which(refs=frozenset([letter["ref"]]))
    async with notifications_office(dead) as office:
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, die)
            with pytest.raises(Died):
                await office.replay(which)
        await lie_there(dead, EVENTS, count=1)
        assert len(recorded(dead, letter["ref"])) == records
        if sent:
            await _handled(dead, made.message_id, EVENTS)
        again = await office.replay(which)
    if sent:
        assert [each.why for each in again.refused] == ["handled"]
        assert await depth(dead, EVENTS) == 1
    else:
        assert again.gone == [letter["ref"]]
        assert await depth(dead, EVENTS) == 0
    await _handled(dead, made.message_id, EVENTS)
    # One text a person, whatever happened on the way.
    assert len(await desk.received(story.phone, 1)) == 1
    assert len(await desk.settled(1, event_id=str(story.event))) == 1


@pytest.mark.parametrize(
    ("owner", "name", "records"), [(Mover, "write_down", 0), (Mover, "acknowledge", 1)]
)
async def test_a_crash_at_any_step_of_a_drop_leaves_the_letter(
    dead: System, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, records: int
) -> None:
    story = Story()
    await park(dead, [message(story.contact(), story.person, 1)])
    (letter,) = listed(dead)

    async def die(*_: Any, **__: Any) -> None:
        raise Died

    which = Which(refs=frozenset([letter["ref"]]))
    async with notifications_office(dead) as office:
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, die)
            with pytest.raises(Died):
                await office.drop(which, "a test")
        await lie_there(dead, CONTACTS, count=1)
        assert len(recorded(dead, letter["ref"])) == records
        assert (await office.drop(which, "a test")).gone == [letter["ref"]]
    assert await depth(dead, CONTACTS) == 0
    assert recorded(dead, letter["ref"])[0]["action"] == "dropped"


async def test_a_channel_that_closes_in_the_middle_is_a_server_that_is_away(
    dead: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories = [Story() for _ in range(3)]
    await park(dead, [message(each.contact(), each.person, 1) for each in stories])
    publish = Replayer.publish

    async def on_a_closed_channel(
        self: Replayer, channel: AbstractChannel, queue: Queue, letter: Letter
    ) -> None:
        await channel.close()
        await publish(self, channel, queue, letter)

    async def cut_off(*_: Any) -> None:
        raise asyncio.CancelledError  # as aiormq ends what was on a channel that closes

    for broken in (on_a_closed_channel, cut_off):
        async with notifications_office(dead) as office:
            with monkeypatch.context() as patched:
                patched.setattr(Replayer, "publish", broken)
                with pytest.raises(SERVER_AWAY):
                    await office.replay(Which())
        await lie_there(dead, CONTACTS, count=3)


async def test_what_left_before_a_failure_is_given_time_to_have_left(
    dead: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories = [Story() for _ in range(30)]
    made = [message(each.contact(), each.person, 1) for each in stories]
    await park(dead, made)
    publish = Replayer.publish

    async def fail_at_the_last(
        self: Replayer, channel: AbstractChannel, queue: Queue, letter: Letter
    ) -> None:
        if letter.message.message_id == made[-1].message_id:
            raise ConnectionError("the broker went")
        await publish(self, channel, queue, letter)

    settle, settled = Mover.settle, []

    async def note(self: Mover) -> None:
        settled.append(self)
        await settle(self)

    async with notifications_office(dead) as office:
        with monkeypatch.context() as patched:
            patched.setattr(Replayer, "publish", fail_at_the_last)
            patched.setattr(Mover, "settle", note)
            with pytest.raises(ConnectionError):
                await office.replay(Which())
    assert len(settled) == 1
    # What was acknowledged does not lie there again.
    await lie_there(dead, CONTACTS, count=1)


async def test_who_looks_meanwhile_waits_and_sees_all(dead: System) -> None:
    stories = [Story() for _ in range(30)]
    await park(dead, [message(each.contact(), each.person, 1) for each in stories])
    async with notifications_office(dead) as first, notifications_office(dead) as second:
        looks = [each.letters(Which()) for each in (first, second) for _ in range(5)]
        found = await asyncio.gather(*looks)
    assert [len(each) for each in found] == [30] * 10
    assert await depth(dead, CONTACTS) == 30


async def test_looking_takes_nothing_out_however_often(dead: System) -> None:
    stories = [Story() for _ in range(25)]
    made = [message(each.contact(), each.person, 1) for each in stories]
    await park(dead, made)
    for _ in range(3):
        async with open_channel(dead.broker_url("notifications")) as channel:
            pieces = [
                [each.message_id for each in piece]
                async for piece in pass_along(channel, CONTACTS, PassLimits(piece=10, rest=0.0))
            ]
        assert [len(each) for each in pieces] == [10, 10, 5]
        assert {id_ for each in pieces for id_ in each} == {each.message_id for each in made}


async def test_a_look_is_bounded_and_says_so(dead: System) -> None:
    stories = [Story() for _ in range(12)]
    await park(dead, [message(each.contact(), each.person, 1) for each in stories])
    async with open_channel(dead.broker_url("notifications")) as channel:
        limits = PassLimits(most=7, piece=5, rest=0.0)
        looked = [len(each) async for each in pass_along(channel, CONTACTS, limits)]
    assert looked == [5, 2]


async def _handled(system: System, message_id: str | None, queue: str) -> None:
    async def look() -> None:
        assert await handled(system, [message_id], queue) == 1

    await eventually(look)
