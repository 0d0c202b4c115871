"""The operator's API of dead letters, on running services."""

from uuid import uuid4

import aio_pika
import httpx
import pytest

from tests.support.dead_letters import (
    CONTACTS,
    depth,
    handled,
    lie_there,
    park,
    recorded,
    unreadable,
)
from tests.support.desk import answered
from tests.support.injection import message
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System

AT = "/v1/dead-letters"


async def letters_of(client: httpx.AsyncClient, count: int) -> list[dict[str, object]]:
    async def look() -> list[dict[str, object]]:
        items: list[dict[str, object]] = (await answered(client.get(AT)))["items"]
        assert len(items) == count
        return items

    return await eventually(look)


async def test_groups_letters_and_one_letter_are_read_by_operators_and_auditors(
    dead: System,
) -> None:
    stories = [Story() for _ in range(3)]
    await park(dead, [message(each.contact(), each.person, 1) for each in stories])
    await unreadable(dead, b"nothing")
    await lie_there(dead, CONTACTS, count=4)
    for role in ("operator", "auditor"):
        client = dead.client("notifications", role)
        groups = await answered(client.get(f"{AT}/groups"))
        assert [each["count"] for each in groups["groups"]] == [3, 1]
        assert (groups["depth"], groups["looked_at"]) == (4, 4)
        first = await answered(client.get(AT, params={"exception": "KeyError", "limit": 2}))
        rest = await answered(
            client.get(AT, params={"exception": "KeyError", "cursor": first["next"]})
        )
        assert len(first["items"] + rest["items"]) == 3
        assert rest["next"] is None
        ref = first["items"][0]["ref"]
        opened = await answered(client.get(f"{AT}/{ref}"))
        assert "Xxxxx" in opened["message"]
        assert "Quliyeva" not in str(opened)
    assert await depth(dead, CONTACTS) == 4


@pytest.mark.parametrize("role", ["registrar", "organiser", "system", None])
async def test_nobody_else_sees_or_moves_any(dead: System, role: str | None) -> None:
    client = dead.client("notifications", *([role] if role else []))
    refused = 403 if role else 401
    for path in (AT, f"{AT}/groups", f"{AT}/records", f"{AT}/{'0' * 12}"):
        assert (await client.get(path)).status_code == refused
    for path, body in (
        (f"{AT}/{'0' * 12}/replay", None),
        (f"{AT}/{'0' * 12}/drop", {"reason": "a test"}),
        (f"{AT}/replay", {"queue": CONTACTS}),
    ):
        assert (await client.post(path, json=body)).status_code == refused
        auditor = dead.client("notifications", "auditor")
        assert (await auditor.post(path, json=body)).status_code == 403


async def test_personal_data_is_read_with_both_roles_alone_and_written_down(dead: System) -> None:
    story = Story()
    await park(dead, [message(story.contact(), story.person, 1)])
    operator = dead.client("notifications", "operator")
    both = dead.client("notifications", "operator", "auditor")
    (letter,) = await letters_of(operator, 1)
    path = f"{AT}/{letter['ref']}"
    for role in ("operator", "auditor"):
        answer = await dead.client("notifications", role).get(path, params={"unmasked": "true"})
        assert answer.status_code == 403
        assert story.phone not in answer.text
    assert recorded(dead, str(letter["ref"])) == []
    opened = await answered(both.get(path, params={"unmasked": "true"}))
    assert story.phone in opened["message"]
    (record,) = (await answered(operator.get(f"{AT}/records", params={"limit": 1})))["items"]
    assert (record["action"], record["ref"]) == ("shown", letter["ref"])


async def test_one_is_replayed_once_however_often_it_is_asked(dead: System) -> None:
    story = Story()
    made = message(story.contact(), story.person, 1)
    await park(dead, [made])
    operator = dead.client("notifications", "operator")
    (letter,) = await letters_of(operator, 1)
    path, once = f"{AT}/{letter['ref']}/replay", {"Idempotency-Key": str(uuid4())}
    first = await operator.post(path, headers=once)
    assert first.json() == {"ref": letter["ref"], "action": "replayed"}
    again = await operator.post(path, headers=once)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (await operator.post(path)).status_code == 404

    async def look() -> None:
        assert await handled(dead, [made.message_id]) == 1

    await eventually(look)
    await park(dead, [made])
    (letter,) = await letters_of(operator, 1)
    refused = await operator.post(f"{AT}/{letter['ref']}/replay")
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:qayidis:problem:dead-letter-handled"
    dropped = await operator.post(f"{AT}/{letter['ref']}/drop", json={"reason": "handled already"})
    assert dropped.json() == {"ref": letter["ref"], "action": "dropped"}
    assert await letters_of(operator, 0) == []


async def test_a_group_is_replayed_in_bounded_steps_and_what_stays_is_named(dead: System) -> None:
    stories = [Story() for _ in range(5)]
    made = [message(each.contact(), each.person, 1) for each in stories]
    await park(dead, made)
    await unreadable(dead, b"nothing")
    operator = dead.client("notifications", "operator")
    await letters_of(operator, 6)
    group = {"queue": CONTACTS, "exception": "KeyError", "limit": 3}
    first = await answered(operator.post(f"{AT}/replay", json=group))
    assert first == {"replayed": 3, "refused": [], "stay": 0, "left": 2, "outdated": False}
    second = await answered(operator.post(f"{AT}/replay", json=group))
    assert second == {"replayed": 2, "refused": [], "stay": 0, "left": 0, "outdated": False}
    (unread,) = await letters_of(operator, 1)
    third = await answered(operator.post(f"{AT}/replay", json={"queue": CONTACTS}))
    assert (third["replayed"], third["left"]) == (0, 0)
    assert [(each["ref"], each["why"]) for each in third["refused"]] == [
        (unread["ref"], "unreadable")
    ]

    async def look() -> None:
        assert await handled(dead, [each.message_id for each in made]) == 5

    await eventually(look)


async def test_what_is_refused_does_not_stand_in_the_way_of_the_rest(dead: System) -> None:
    # They lie in front, are refused each time, and are more than one answer names.
    await park(dead, [aio_pika.Message(b"nothing", message_id=str(uuid4())) for _ in range(120)])
    stories = [Story() for _ in range(5)]
    made = [message(each.contact(), each.person, 1) for each in stories]
    await park(dead, made)
    operator = dead.client("notifications", "operator")
    group = {"queue": CONTACTS, "exception": "KeyError", "limit": 3}
    replayed = []
    for _ in range(4):
        answer = await answered(operator.post(f"{AT}/replay", json=group))
        replayed.append(answer["replayed"])
        if not (answer["replayed"] and answer["left"]):
            break
    assert replayed == [3, 2]
    assert (answer["stay"], len(answer["refused"]), answer["left"]) == (120, 100, 0)
    assert await depth(dead, CONTACTS) == 120

    async def look() -> None:
        assert await handled(dead, [each.message_id for each in made]) == 5

    await eventually(look)


async def test_at_registration_what_is_done_stands_in_the_audit_log_too(dead: System) -> None:
    story = Story()
    await park(
        dead, [message(story.published(), story.event, 1)], "registration.events", exchange="x"
    )
    operator = dead.client("registration", "operator")
    (letter,) = await letters_of(operator, 1)
    await answered(operator.post(f"{AT}/{letter['ref']}/drop", json={"reason": "a test"}))
    auditor = dead.client("registration", "auditor")
    log = await answered(auditor.get("/v1/audit", params={"action": "dead_letter.dropped"}))
    entry = log["items"][0]
    assert (entry["reason"], entry["actor"]) == ("a test", "operator@qayidis")
    assert entry["subject_id"] == letter["message_id"]


async def test_a_service_without_queues_has_no_such_routes(dead: System) -> None:
    assert (await dead.client("events", "operator").get(AT)).status_code == 404
