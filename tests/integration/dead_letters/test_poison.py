"""A poison message inside a group of messages goes alone."""

import json

from tests.support.dead_letters import (
    CONTACTS,
    handled,
    lie_there,
    listed,
    poisoned,
    suspect,
    unreadable,
)
from tests.support.injection import inject, message
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System

MANY = 60


async def test_a_poison_message_inside_a_group_goes_alone(dead: System) -> None:
    stories = [Story() for _ in range(MANY)]
    # An integer that the contract allows and no column of Postgres can hold.
    versions = [2**40 if number == MANY // 2 else 1 for number in range(MANY)]
    made = [
        (each.contact(), message(each.contact(), each.person, version))
        for each, version in zip(stories, versions, strict=True)
    ]
    await dead.stop("notifications")
    try:
        await inject(dead, *made)
    finally:
        await dead.restart("notifications")
    await lie_there(dead, CONTACTS, count=1)
    (letter,) = listed(dead)
    poison = made[MANY // 2][1]
    assert letter["message_id"] == poison.message_id
    others = [each.message_id for _, each in made if each is not poison]

    async def look() -> None:
        assert await handled(dead, others) == MANY - 1

    await eventually(look)
    assert await handled(dead, [poison.message_id]) == 0
    # They really were one group: it failed, and its messages were tried one by one.
    log = dead.processes.log("notifications").read_text(encoding="utf-8").splitlines()
    failed = [each for line in log if (each := json.loads(line))["event"] == "group_failed"]
    assert failed[-1]["size"] > 1


async def test_suspects_that_merely_fail_are_parked_for_what_failed(dead: System) -> None:
    await dead.stop("notifications")
    try:
        await unreadable(dead, b"no message")
        _, poison = await poisoned(dead)
        story = Story()
        made = message(story.contact(), story.person, 1)
        await inject(dead, (story.contact(), made))
        await suspect(dead, CONTACTS, count=3)
    finally:
        await dead.restart("notifications")
    await lie_there(dead, CONTACTS, count=2)
    letters = {letter["kind"]: letter for letter in listed(dead)}
    assert letters.keys() == {"unreadable", "database"}
    assert letters["database"]["message_id"] == poison.message_id
    assert letters["database"]["attempts"] == 5
    async with dead.database() as database:

        async def look() -> None:
            assert await handled(dead, [made.message_id]) == 1
            assert await database.fetchval("SELECT count(*) FROM notifications.suspects") == 0

        await eventually(look)
