"""`qayidis dead` on a running system: what an operator sees at three in the morning, and does."""

import json
from uuid import UUID

from shared.contracts.base import INTERNAL
from shared.ids import new_id
from tests.support.dead_letters import (
    CONTACTS,
    depth,
    handled,
    lie_there,
    listed,
    park,
    poisoned,
    qayidis_dead,
    recorded,
    unreadable,
)
from tests.support.injection import message
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System


async def test_list_groups_what_failed_and_says_what_to_do(dead: System) -> None:
    assert qayidis_dead(dead, "list").stdout == "no dead letters\n"
    await unreadable(dead, b"no JSON at all")
    await unreadable(dead, b"\xff\xfe")
    await poisoned(dead)
    await lie_there(dead, CONTACTS, count=3)

    said = qayidis_dead(dead, "list")
    assert said.returncode == 0, said.stderr
    lines = said.stdout.splitlines()
    assert lines[0] == f"{CONTACTS}  no type  UnreadableMessageError  x 2"
    assert any("service  notifications, version 0." in line for line in lines)
    assert any("No retry makes it readable" in line for line in lines)
    (group,) = [line for line in lines if "DBAPIError" in line and line.startswith(CONTACTS)]
    assert group == f"{CONTACTS}  az.gov.idp.registration.contact_changed.v1  DBAPIError  x 1"
    assert any(
        line.strip() == "qayidis dead replay --queue notifications.contacts --type "
        "az.gov.idp.registration.contact_changed.v1 --exception DBAPIError"
        for line in lines
    )
    # Nothing is taken out by looking, however often.
    assert await depth(dead, CONTACTS) == 3


async def test_list_in_json_and_by_letter(dead: System) -> None:
    _, made = await poisoned(dead)
    await lie_there(dead, CONTACTS, count=1)
    (group,) = json.loads(qayidis_dead(dead, "list", "--json").stdout)
    assert (group["queue"], group["count"], group["kind"]) == (CONTACTS, 1, "database")
    assert group["command"].startswith("qayidis dead replay --queue")
    (letter,) = listed(dead)
    assert letter["message_id"] == made.message_id
    assert letter["attempts"] == 5
    assert letter["version"]
    assert letter["ref"] in qayidis_dead(dead, "list", "--letters").stdout
    assert listed(dead, "--exception", "KeyError") == []
    assert qayidis_dead(dead, "list", "--queue", "nothing").returncode == 1


async def test_show_masks_people_unless_told_otherwise_which_is_written_down(dead: System) -> None:
    story, _ = await poisoned(dead)
    await lie_there(dead, CONTACTS, count=1)
    (letter,) = listed(dead)
    masked = qayidis_dead(dead, "show", letter["ref"])
    assert masked.returncode == 0, masked.stderr
    assert str(story.person) in masked.stdout
    assert "Xxxxx" in masked.stdout
    for personal in ("Aytən", "Quliyeva", story.phone, story.phone[4:]):
        assert personal not in masked.stdout
    assert recorded(dead, letter["ref"]) == []

    open_ = qayidis_dead(dead, "show", letter["ref"], "--unmasked", "--by", "Leyla")
    assert story.phone in open_.stdout
    (record,) = recorded(dead, letter["ref"])
    assert (record["action"], record["actor"], record["kept"]) == ("shown", "Leyla", False)
    without_keys = qayidis_dead(dead, "show", letter["ref"], "--unmasked", keys=False)
    assert without_keys.returncode == 1
    assert "QAYIDIS_KEYS_DIR" in without_keys.stderr
    assert story.phone not in without_keys.stdout


async def test_what_rabbitmq_itself_gave_up_is_listed_with_what_happened(dead: System) -> None:
    await dead.stop("notifications")
    try:
        story = Story()
        made = message(story.contact(), story.person, 1)
        async with dead.broker() as channel:
            await channel.default_exchange.publish(made, CONTACTS)
            live = await channel.get_queue(CONTACTS, ensure=False)
            while (taken := await live.get(fail=False)) is not None:
                await taken.reject(requeue=True)
        await lie_there(dead, CONTACTS, count=1)
        (letter,) = listed(dead)
    finally:
        await dead.restart("notifications")
    assert (letter["kind"], letter["exception"]) == ("killed", "delivery_limit")
    assert letter["attempts"] == 20
    assert letter["failed_at"]
    assert letter["service"] == "notifications"
    assert letter["message_id"] == made.message_id
    assert qayidis_dead(dead, "replay", letter["ref"]).returncode == 0
    await _handled(dead, made.message_id)


async def test_a_replay_goes_to_the_one_queue_and_is_handled_under_its_own_id(
    dead: System,
) -> None:
    story = Story()
    made = message(story.published(), story.event, 1)
    await park(dead, [made], "notifications.events", exchange="qayidis.public")
    (letter,) = listed(dead)
    done = qayidis_dead(dead, "replay", letter["ref"], "--by", "Leyla")
    assert (done.returncode, done.stdout) == (0, "replayed 1\n"), done.stderr

    async def look() -> None:
        assert await handled(dead, [made.message_id], "notifications.events") == 1

    await eventually(look)
    assert await depth(dead, "notifications.events") == 0
    async with dead.database() as database:
        others = "SELECT count(*) FROM registration.inbox WHERE message_id = $1"
        assert await database.fetchval(others, UUID(made.message_id)) == 0
    (record,) = recorded(dead, letter["ref"])
    assert (record["action"], record["actor"]) == ("replayed", "Leyla")
    assert record["message_id"] == made.message_id
    assert record["kept"]


async def test_what_was_handled_already_is_refused_and_stays(dead: System) -> None:
    story = Story()
    made = message(story.contact(), story.person, 1)
    async with dead.broker() as channel:
        await channel.default_exchange.publish(made, CONTACTS)
    await _handled(dead, made.message_id)
    await park(dead, [made])
    (letter,) = listed(dead)
    refused = qayidis_dead(dead, "replay", letter["ref"])
    assert refused.returncode == 1
    assert f"{letter['ref']} stays: it was handled already" in refused.stderr
    assert [each["ref"] for each in listed(dead)] == [letter["ref"]]
    assert recorded(dead, letter["ref"]) == []


async def test_what_fails_again_comes_back_with_its_replays_counted(dead: System) -> None:
    await poisoned(dead)
    await lie_there(dead, CONTACTS, count=1)
    for count in (1, 2):
        (letter,) = listed(dead)
        assert letter["replays"] == count - 1
        assert qayidis_dead(dead, "replay", "--queue", CONTACTS).returncode == 0
        await lie_there(dead, CONTACTS, count=1)
    (letter,) = listed(dead)
    assert letter["replays"] == 2
    assert letter["exception"] == "DBAPIError"
    assert "replays  up to 2 so far" in qayidis_dead(dead, "list").stdout


async def test_what_cannot_be_decoded_is_shown_kept_and_dropped_for_a_reason(dead: System) -> None:
    mark = new_id().hex
    await unreadable(dead, f'"Aytən Quliyeva {mark}'.encode())
    await lie_there(dead, CONTACTS, count=1)
    (letter,) = listed(dead)
    assert letter["message_id"]
    shown = qayidis_dead(dead, "show", letter["ref"])
    assert "Xxxxx Xxxxxxxx" in shown.stdout
    assert INTERNAL in shown.stdout
    refused = qayidis_dead(dead, "replay", letter["ref"])
    assert refused.returncode == 1
    assert "the present code cannot read it: not a CloudEvent" in refused.stderr

    assert qayidis_dead(dead, "drop", letter["ref"]).returncode != 0
    short = qayidis_dead(dead, "drop", letter["ref"], "--reason", " x ")
    assert (short.returncode, short.stdout) == (1, "")
    assert await depth(dead, CONTACTS) == 1
    done = qayidis_dead(dead, "drop", letter["ref"], "--reason", "a test of the sender")
    assert (done.returncode, done.stdout) == (0, "dropped 1\n"), done.stderr
    assert await depth(dead, CONTACTS) == 0
    (record,) = recorded(dead, letter["ref"])
    assert (record["action"], record["reason"]) == ("dropped", "a test of the sender")
    again = qayidis_dead(dead, "drop", letter["ref"], "--reason", "a test of the sender")
    assert again.returncode == 1
    assert "no such dead letter any more" in again.stderr


async def test_a_service_that_is_down_hinders_nobody(dead: System) -> None:
    story = Story()
    made = message(story.contact(), story.person, 1)
    await dead.stop("notifications")
    try:
        await park(dead, [made])
        (letter,) = listed(dead)
        done = qayidis_dead(dead, "replay", letter["ref"])
        assert (done.returncode, done.stdout) == (0, "replayed 1\n"), done.stderr
    finally:
        await dead.restart("notifications")
    await _handled(dead, made.message_id)


def test_one_says_which_letters_are_meant(parked_system: System) -> None:
    for words in ((), ("abc", "--all"), ("--all", "--queue", CONTACTS)):
        done = qayidis_dead(parked_system, "replay", *words)
        assert done.returncode == 1
        assert "name references, or a group" in done.stderr


async def _handled(system: System, message_id: str | None) -> None:
    async def look() -> None:
        assert await handled(system, [message_id]) == 1

    await eventually(look)
