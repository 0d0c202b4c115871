"""The record of what left: nobody edits it, it is sealed, and it forgets who was erased."""

from uuid import UUID

import asyncpg
import pytest

from shared.contracts.notifications import ContactUnreachable
from shared.contracts.registration import ContactErased
from shared.ids import new_id
from shared.messaging.dead_letters.grouping import Which
from tests.support import bodies
from tests.support.dead_letters import (
    CONTACTS,
    depth,
    handled,
    listed,
    notifications_office,
    park,
    recorded,
    unreadable,
)
from tests.support.desk import Desk, answered
from tests.support.dumps import traces
from tests.support.injection import inject, message
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System


async def dropped(system: System, story: Story) -> str:
    await park(system, [message(story.contact(), story.person, 1)])
    (letter,) = listed(system)
    async with notifications_office(system) as office:
        moved = await office.drop(Which(refs=frozenset([letter["ref"]])), "not needed")
    assert moved.gone == [letter["ref"]]
    return str(letter["ref"])


async def test_a_record_holds_the_message_sealed(dead: System) -> None:
    story = Story()
    ref = await dropped(dead, story)
    async with dead.database() as database:
        sealed = await database.fetchval(
            "SELECT message FROM notifications.dead_letter_records WHERE ref = $1", ref
        )
        assert await traces(database, [story.phone]) == set()
    opened = dead.sealer("notifications").open(sealed, "dead_letter_records.message")
    assert story.phone in opened


@pytest.mark.parametrize("service", ["registration", "notifications"])
async def test_a_service_cannot_edit_what_was_written_down(dead: System, service: str) -> None:
    async with dead.database(f"{service}_app") as own:
        for statement in (
            "UPDATE dead_letter_records SET reason = 'another'",
            "DELETE FROM dead_letter_records",
            "TRUNCATE dead_letter_records",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await own.execute(statement)
        await own.execute("UPDATE dead_letter_records SET message = NULL WHERE false")


async def test_nothing_is_dropped_without_a_reason(dead: System) -> None:
    story = Story()
    await park(dead, [message(story.contact(), story.person, 1)])
    async with notifications_office(dead) as office:
        with pytest.raises(Exception, match="dropped_for_a_reason"):
            await office.drop(Which(), "")
    assert await depth(dead, CONTACTS) == 1


@pytest.mark.parametrize("order", ["dropped, then erased", "erased, then dropped"])
async def test_a_record_keeps_no_message_of_who_was_erased(dead: System, order: str) -> None:
    story = Story()
    if order == "dropped, then erased":
        ref = await dropped(dead, story)
        await erase(dead, story)
    else:
        await erase(dead, story)
        ref = await dropped(dead, story)
    (record,) = recorded(dead, ref)
    assert record["action"] == "dropped"
    assert not record["kept"]


async def test_registration_keeps_no_message_of_who_was_erased_before(dead: System) -> None:
    desk, said = Desk(dead), "Xanım köçüb"
    family = await desk.register(bodies.family(bodies.place(), bodies.person()))
    person = UUID(family["members"][0]["id"])
    told = ContactUnreachable(person_id=person, channel="sms", reason=said)
    kept, gone = message(told, person, 1), message(told, person, 2)
    await park(dead, [kept], "registration.contacts")
    (letter,) = listed(dead)
    operator = dead.client("registration", "operator")
    path, why = "/v1/dead-letters/{}/drop", {"reason": "a test"}
    await answered(operator.post(path.format(letter["ref"]), json=why))
    assert recorded(dead, letter["ref"])[0]["kept"]

    request = {"reason": "a test", "basis": "consent_withdrawn", "person_id": str(person)}
    await answered(desk.registration.post("/v1/erasures", json=request))
    assert not recorded(dead, letter["ref"])[0]["kept"]
    await park(dead, [gone], "registration.contacts")
    (letter,) = listed(dead)
    await answered(operator.post(path.format(letter["ref"]), json=why))
    (record,) = recorded(dead, letter["ref"])
    assert (record["action"], record["kept"]) == ("dropped", False)


async def erase(system: System, story: Story) -> None:
    contract = ContactErased(person_id=story.person, erasure_id=new_id())
    made = message(contract, story.person, 2)
    await inject(system, (contract, made))

    async def look() -> None:
        assert await handled(system, [made.message_id]) == 1

    await eventually(look)


async def test_what_is_no_text_is_kept_too(dead: System) -> None:
    await unreadable(dead, b"\xff\xfe\x00")

    async def look() -> str:
        (letter,) = listed(dead)
        return str(letter["ref"])

    ref = await eventually(look)
    async with notifications_office(dead) as office:
        await office.drop(Which(refs=frozenset([ref])), "noise")
    async with dead.database() as database:
        sealed = await database.fetchval(
            "SELECT message FROM notifications.dead_letter_records WHERE ref = $1", ref
        )
    opened = dead.sealer("notifications").open(sealed, "dead_letter_records.message")
    assert '"base64": "//4A"' in opened
