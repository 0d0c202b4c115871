"""What an organiser does with an event, over HTTP, and what of it is told."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from aio_pika.abc import AbstractIncomingMessage

from shared.contracts import events as contracts
from tests.integration.events.conftest import Client, Told
from tests.integration.events.making import (
    MOVE,
    SEMINAR,
    WORDS,
    done,
    drafted,
    fields,
    published,
    refused,
)


async def told_in_outbox(database: asyncpg.Connection, event_id: str) -> list[str]:
    """The routing keys put down for an event, in order."""
    rows = await database.fetch(
        "SELECT routing_key FROM outbox WHERE subject = $1 ORDER BY entry", event_id
    )
    return [row["routing_key"] for row in rows]


def data_of(message: AbstractIncomingMessage) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(message.body)["data"]
    return data


# Drafts


async def test_a_draft_is_written_half_and_nothing_is_told_of_it(
    organiser: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    body = {name: SEMINAR[name] for name in SEMINAR if name not in {"summary", "audience"}}
    answer = await organiser.post("/v1/events", json={**body, "title": {"az": "Yarımçıq"}})
    assert answer.status_code == 201
    event = answer.json()
    assert answer.headers["Location"] == f"/v1/events/{event['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert (event["status"], event["version"], event["published_at"]) == ("draft", 1, None)
    assert event["title"] == {"az": "Yarımçıq", "en": "", "ru": ""}
    assert event["audience"] == {"origins": [], "residences": []}
    assert event["starts_at"] == "2098-12-01T06:00:00Z"
    assert (await organiser.get(answer.headers["Location"])).json() == event
    assert await told_in_outbox(database, event["id"]) == []


async def test_a_draft_changes_field_by_field(organiser: httpx.AsyncClient) -> None:
    draft = await drafted(organiser)
    answer = await organiser.patch(
        f"/v1/events/{draft['id']}",
        headers={"If-Match": '"1"'},
        json={
            "kind": "tour",
            "title": {"ru": None},
            "venue": {"name": "Başqa yer"},
            "audience": {"origins": []},
            "starts_at": "2098-12-02T10:00:00+04:00",
            "ends_at": "2098-12-02T11:00:00+04:00",
        },
    )
    assert answer.status_code == 200, answer.text
    event = answer.json()
    assert event == {
        **draft,
        "version": 2,
        "kind": "tour",
        "title": {**SEMINAR["title"], "ru": ""},
        "venue": {**SEMINAR["venue"], "name": "Başqa yer"},
        "audience": {"origins": [], "residences": ["AZ-BAR"]},
        "starts_at": "2098-12-02T06:00:00Z",
        "ends_at": "2098-12-02T07:00:00Z",
    }
    assert (await organiser.get(f"/v1/events/{draft['id']}")).json() == event


async def test_a_stale_change_is_refused_and_one_without_version_too(
    organiser: httpx.AsyncClient,
) -> None:
    draft = await drafted(organiser)
    path = f"/v1/events/{draft['id']}"
    match, change = {"If-Match": '"1"'}, {"capacity": 61}
    assert (await organiser.patch(path, json=change)).status_code == 428
    assert (await organiser.patch(path, headers=match, json=change)).is_success
    stale = await organiser.patch(path, headers=match, json=change)
    assert stale.status_code == 412
    assert stale.json()["version"] == 2


async def test_a_change_that_changes_nothing_raises_no_version(
    organiser: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    event = await published(organiser)
    answer = await organiser.patch(
        f"/v1/events/{event['id']}", headers={"If-Match": '"2"'}, json=SEMINAR
    )
    assert answer.json() == event
    assert await told_in_outbox(database, event["id"]) == ["events.event_published.v1"]


async def test_a_draft_is_deleted_and_nothing_else_is(organiser: httpx.AsyncClient) -> None:
    draft = await drafted(organiser)
    path = f"/v1/events/{draft['id']}"
    assert (await organiser.delete(path, headers={"If-Match": '"7"'})).status_code == 412
    assert (await organiser.delete(path, headers={"If-Match": '"1"'})).status_code == 204
    assert (await organiser.get(path)).status_code == 404
    event = await published(organiser)
    answer = await organiser.delete(f"/v1/events/{event['id']}", headers={"If-Match": '"2"'})
    assert refused(answer, "already-published", "published")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends_at": SEMINAR["starts_at"]}, "ends_at"),
        ({"enrolment_closes_at": SEMINAR["ends_at"]}, "enrolment_closes_at"),
        ({"starts_at": "2098-12-01T10:00:00"}, "starts_at"),
        ({"capacity": 10**30}, "capacity"),
        ({"venue": {"name": "x", "district": "az-bar", "address": "x"}}, "venue.district"),
        ({"audience": {"origins": ["AZ-AGM", "AZ-AGM"]}}, "audience.origins"),
        ({"title": {"az": "\x00"}}, "title.az"),
        ({"title": {"az": "\ud800"}}, "title.az"),
        ({"titel": {}}, "titel"),
    ],
)
async def test_what_is_wrong_is_named(
    organiser: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    body = json.dumps({**SEMINAR, **change}).encode()
    headers = {"Content-Type": "application/json"}
    answer = await organiser.post("/v1/events", content=body, headers=headers)
    assert fields(answer) == [field]
    draft = await drafted(organiser)
    headers["If-Match"] = '"1"'
    body = json.dumps(change).encode()
    answer = await organiser.patch(f"/v1/events/{draft['id']}", content=body, headers=headers)
    assert fields(answer) == [field]
    assert (await organiser.get(f"/v1/events/{draft['id']}")).json() == draft


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '"x"', "\x00"])
async def test_what_is_no_object_is_refused(organiser: httpx.AsyncClient, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await organiser.post("/v1/events", content=body, headers=headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_repeated_key_writes_one_draft(organiser: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first = await organiser.post("/v1/events", json=SEMINAR, headers=key)
    again = await organiser.post("/v1/events", json=SEMINAR, headers=key)
    other = await organiser.post("/v1/events", json={**SEMINAR, "capacity": 1}, headers=key)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert fields(other) == ["Idempotency-Key"]


# Publishing


async def test_publishing_needs_every_language_and_names_those_that_lack(
    organiser: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    draft = await drafted(organiser, title={"az": "x", "ru": " "}, summary={"en": "x", "ru": "x"})
    answer = await organiser.post(f"/v1/events/{draft['id']}/publish")
    assert fields(answer) == ["title.en", "title.ru", "summary.az"]
    assert (await organiser.get(f"/v1/events/{draft['id']}")).json() == draft
    assert await told_in_outbox(database, draft["id"]) == []


async def test_publishing_tells_all_that_the_contract_says(
    organiser: httpx.AsyncClient, told: Told
) -> None:
    event = await published(organiser)
    assert (event["status"], event["version"]) == ("published", 2)
    assert event["published_at"] is not None
    [message] = await told.of(event["id"], 1)
    envelope = json.loads(message.body)
    assert message.routing_key == "events.event_published.v1"
    assert message.message_id == envelope["id"]
    assert message.app_id == "events"
    assert envelope["source"] == "/events"
    assert envelope["subjectversion"] == 2
    facts = {name: event[name] for name in SEMINAR}
    assert envelope["data"] == {"event_id": event["id"], **facts}
    contracts.EventPublished.model_validate(envelope["data"], strict=False)


async def test_what_has_started_is_not_published(organiser: httpx.AsyncClient) -> None:
    draft = await drafted(
        organiser,
        starts_at="2023-10-14T10:00:00+04:00",
        ends_at="2099-01-01T00:00:00Z",
        enrolment_closes_at="2023-10-13T18:00:00+04:00",
    )
    answer = await organiser.post(f"/v1/events/{draft['id']}/publish")
    assert refused(answer, "already-started", "draft")


async def test_of_many_who_publish_at_once_one_does(
    organiser: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    draft = await drafted(organiser)
    calls = [organiser.post(f"/v1/events/{draft['id']}/publish") for _ in range(8)]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 7]
    assert await told_in_outbox(database, draft["id"]) == ["events.event_published.v1"]


# Published events


async def test_a_published_event_changes_and_it_is_told_why(
    organiser: httpx.AsyncClient, told: Told
) -> None:
    event = await published(organiser)
    change = {
        "capacity": 80,
        "venue": {"address": "Bərdə, Nizami 1"},
        "enrolment_closes_at": "2098-11-30T20:00:00+04:00",
        "reason": WORDS,
    }
    answer = await organiser.patch(
        f"/v1/events/{event['id']}", headers={"If-Match": '"2"'}, json=change
    )
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert (changed["version"], changed["capacity"], changed["reason"]) == (3, 80, WORDS)
    _, message = await told.of(event["id"], 2)
    assert message.routing_key == "events.event_updated.v1"
    facts = {name: changed[name] for name in SEMINAR}
    assert data_of(message) == {"event_id": event["id"], **facts, "reason": WORDS}


async def test_a_change_without_a_reason_is_told_without_one(
    organiser: httpx.AsyncClient, told: Told
) -> None:
    event = await published(organiser)
    path = f"/v1/events/{event['id']}"
    assert (
        await organiser.patch(path, headers={"If-Match": '"2"'}, json={"capacity": 5})
    ).is_success
    _, message = await told.of(event["id"], 2)
    assert data_of(message)["reason"] is None


async def test_a_published_event_keeps_its_time_and_its_languages(
    organiser: httpx.AsyncClient,
) -> None:
    event = await published(organiser)
    path, match = f"/v1/events/{event['id']}", {"If-Match": '"2"'}
    for time in ({"starts_at": MOVE["starts_at"]}, {"ends_at": MOVE["ends_at"]}):
        answer = await organiser.patch(path, headers=match, json=time)
        assert refused(answer, "published-time", "published")
        assert "/reschedule" in answer.json()["detail"]
    answer = await organiser.patch(path, headers=match, json={"title": {"ru": ""}})
    assert fields(answer) == ["title.ru"]
    assert (await organiser.get(path)).json() == event


async def test_a_draft_takes_no_reason(organiser: httpx.AsyncClient) -> None:
    draft = await drafted(organiser)
    answer = await organiser.patch(
        f"/v1/events/{draft['id']}", headers={"If-Match": '"1"'}, json={"reason": WORDS}
    )
    assert fields(answer) == ["reason"]


async def test_a_moved_event_closes_as_long_before_as_before(
    organiser: httpx.AsyncClient, told: Told
) -> None:
    event = await published(organiser)
    moved = await done(organiser, event["id"], "reschedule", MOVE)
    assert moved == {
        **event,
        "version": 3,
        "starts_at": "2098-12-03T06:00:00Z",
        "ends_at": "2098-12-03T09:00:00Z",
        "enrolment_closes_at": "2098-12-02T14:00:00Z",
        "reason": WORDS,
    }
    _, message = await told.of(event["id"], 2)
    assert message.routing_key == "events.event_rescheduled.v1"
    facts = {name: moved[name] for name in SEMINAR}
    assert data_of(message) == {"event_id": event["id"], **facts, "reason": WORDS}


async def test_a_moved_event_closes_when_it_is_told_to(organiser: httpx.AsyncClient) -> None:
    event = await published(organiser)
    closing = {"enrolment_closes_at": "2098-12-01T00:00:00Z"}
    moved = await done(organiser, event["id"], "reschedule", {**MOVE, **closing})
    assert moved["enrolment_closes_at"] == closing["enrolment_closes_at"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"ends_at": MOVE["starts_at"]}, ["ends_at"]),
        ({"enrolment_closes_at": MOVE["ends_at"]}, ["enrolment_closes_at"]),
        ({"starts_at": "2023-10-14T10:00:00+04:00"}, ["starts_at"]),
        ({"reason": {"az": "x", "ru": ""}}, ["reason.en", "reason.ru"]),
        ({"reason": None}, ["reason"]),
    ],
)
async def test_a_wrong_move_changes_nothing(
    organiser: httpx.AsyncClient, change: dict[str, Any], named: list[str]
) -> None:
    event = await published(organiser)
    path = f"/v1/events/{event['id']}"
    answer = await organiser.post(f"{path}/reschedule", json={**MOVE, **change})
    assert fields(answer) == named
    assert (await organiser.get(path)).json() == event


async def test_a_cancelled_event_is_told_with_its_reason(
    organiser: httpx.AsyncClient, told: Told
) -> None:
    event = await published(organiser)
    path = f"/v1/events/{event['id']}/cancel"
    assert fields(await organiser.post(path, json={"reason": {"az": "x", "en": "x"}})) == [
        "reason.ru"
    ]
    cancelled = await done(organiser, event["id"], "cancel", {"reason": WORDS})
    assert cancelled == {**event, "status": "cancelled", "version": 3, "reason": WORDS}
    _, message = await told.of(event["id"], 2)
    assert message.routing_key == "events.event_cancelled.v1"
    assert json.loads(message.body)["subjectversion"] == 3
    assert data_of(message) == {"event_id": event["id"], "reason": WORDS}


@pytest.mark.parametrize(("body", "reason"), [(None, None), ({}, None), ({"reason": WORDS}, WORDS)])
async def test_a_completed_event_is_told_with_or_without_words(
    organiser: httpx.AsyncClient, told: Told, body: Any, reason: Any
) -> None:
    event = await published(organiser)
    completed = await done(organiser, event["id"], "complete", body)
    assert (completed["status"], completed["reason"]) == ("completed", reason)
    _, message = await told.of(event["id"], 2)
    assert message.routing_key == "events.event_completed.v1"
    assert data_of(message) == {"event_id": event["id"], "reason": reason}


ENDED = {"cancel": "cancelled", "complete": "completed"}


@pytest.mark.parametrize("end", ENDED)
@pytest.mark.parametrize("action", ["publish", "reschedule", "cancel", "complete", "change"])
async def test_what_is_over_stays_as_it_is(
    organiser: httpx.AsyncClient, end: str, action: str
) -> None:
    event = await published(organiser)
    ended = await done(organiser, event["id"], end, {"reason": WORDS})
    path = f"/v1/events/{event['id']}"
    if action == "change":
        answer = await organiser.patch(path, headers={"If-Match": '"3"'}, json={"capacity": 1})
    else:
        body = {"publish": None, "reschedule": MOVE}.get(action, {"reason": WORDS})
        answer = await organiser.post(f"{path}/{action}", json=body)
    assert refused(answer, f"already-{ENDED[end]}", ENDED[end])
    assert (await organiser.get(path)).json() == ended


@pytest.mark.parametrize("action", ["reschedule", "cancel", "complete"])
async def test_a_draft_must_be_published_first(organiser: httpx.AsyncClient, action: str) -> None:
    draft = await drafted(organiser)
    body = MOVE if action == "reschedule" else {"reason": WORDS}
    answer = await organiser.post(f"/v1/events/{draft['id']}/{action}", json=body)
    assert refused(answer, "not-published", "draft")


# Who, and what is not there


async def test_roles_look_or_write_or_stay_outside(client: Client) -> None:
    async with client("organiser") as organiser:
        path = f"/v1/events/{(await drafted(organiser))['id']}"
    writes: list[tuple[str, str, Any]] = [
        ("POST", "/v1/events", SEMINAR),
        ("PATCH", path, {"capacity": 1}),
        ("DELETE", path, None),
        ("POST", f"{path}/publish", None),
        ("POST", f"{path}/reschedule", MOVE),
        ("POST", f"{path}/cancel", {"reason": WORDS}),
        ("POST", f"{path}/complete", None),
    ]
    for role in ("auditor", "registrar", "operator", "system", None):
        async with client(*([role] if role else [])) as caller:
            for method, target, body in writes:
                answer = await caller.request(
                    method, target, json=body, headers={"If-Match": '"1"'}
                )
                assert answer.status_code == (403 if role else 401)
            for target in ("/v1/events", path):
                status = 200 if role in {"auditor", "registrar"} else 403 if role else 401
                assert (await caller.get(target)).status_code == status


async def test_an_event_that_is_not_there_is_not_found(organiser: httpx.AsyncClient) -> None:
    path = f"/v1/events/{uuid4()}"
    match = {"If-Match": '"1"'}
    for answer in (
        await organiser.get(path),
        await organiser.patch(path, headers=match, json={"capacity": 1}),
        await organiser.delete(path, headers=match),
        await organiser.post(f"{path}/publish"),
        await organiser.post(f"{path}/reschedule", json=MOVE),
        await organiser.post(f"{path}/cancel", json={"reason": WORDS}),
        await organiser.post(f"{path}/complete"),
    ):
        assert answer.status_code == 404
    assert fields(await organiser.get("/v1/events/1")) == ["event_id"]


async def test_events_are_listed_by_page_status_and_kind(organiser: httpx.AsyncClient) -> None:
    ids = [(await drafted(organiser, kind="film"))["id"] for _ in range(5)]
    await done(organiser, ids[1], "publish")
    films: dict[str, Any] = {"kind": "film", "limit": 2}
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        query = {**films, "cursor": cursor} if cursor else films
        page = (await organiser.get("/v1/events", params=query)).json()
        seen += [event["id"] for event in page["items"]]
        cursor = page["next"]
    assert (seen, cursor) == (ids[::-1], None)
    page = (await organiser.get("/v1/events", params={**films, "status": "published"})).json()
    assert [event["id"] for event in page["items"]] == [ids[1]]
    for wrong in ({"status": "done"}, {"kind": "party"}, {"limit": 201}, {"cursor": "WyJ4Il0"}):
        assert fields(await organiser.get("/v1/events", params=wrong)) == list(wrong)
