"""What everybody sees, without a token."""

import base64
import json
from typing import Any

import httpx
import pytest

from tests.integration.events.making import MOVE, SEMINAR, WORDS, done, drafted, fields, published


def at(day: str) -> dict[str, str]:
    """The times of an event on a day."""
    return {
        "starts_at": f"{day}T10:00:00+04:00",
        "ends_at": f"{day}T12:00:00+04:00",
        "enrolment_closes_at": f"{day}T09:00:00+04:00",
    }


async def ids(anyone: httpx.AsyncClient, **query: Any) -> list[str]:
    answer = await anyone.get("/v1/calendar", params=query)
    assert answer.status_code == 200, answer.text
    return [entry["id"] for entry in answer.json()["items"]]


async def test_a_draft_is_nobodys_business(
    organiser: httpx.AsyncClient, anyone: httpx.AsyncClient
) -> None:
    draft = await drafted(organiser, kind="concert")
    assert (await anyone.get(f"/v1/calendar/{draft['id']}")).status_code == 404
    assert draft["id"] not in await ids(anyone, kind="concert")


async def test_what_was_published_stays_visible_with_the_last_reason(
    organiser: httpx.AsyncClient, anyone: httpx.AsyncClient
) -> None:
    event = await published(organiser)
    path = f"/v1/calendar/{event['id']}"
    answer = await anyone.get(path)
    assert answer.headers["Cache-Control"] == "public, max-age=30"
    assert answer.json() == {
        **{name: event[name] for name in SEMINAR},
        "id": event["id"],
        "status": "published",
        "reason": None,
        "published_at": event["published_at"],
    }
    await done(organiser, event["id"], "reschedule", MOVE)
    moved = (await anyone.get(path)).json()
    assert (moved["status"], moved["reason"]) == ("published", WORDS)
    other = {**WORDS, "en": "Another reason"}
    await done(organiser, event["id"], "cancel", {"reason": other})
    cancelled = (await anyone.get(path)).json()
    assert (cancelled["status"], cancelled["reason"]) == ("cancelled", other)
    held = await published(organiser)
    await done(organiser, held["id"], "complete")
    assert (await anyone.get(f"/v1/calendar/{held['id']}")).json()["status"] == "completed"


async def test_the_latest_start_comes_first_page_by_page(
    organiser: httpx.AsyncClient, anyone: httpx.AsyncClient
) -> None:
    days = ["2097-03-02", "2097-03-04", "2097-03-04", "2097-03-01", "2097-03-03"]
    made = [(await published(organiser, kind="campaign", **at(day)))["id"] for day in days]
    wanted = [made[2], made[1], made[4], made[0], made[3]]
    query: dict[str, Any] = {"kind": "campaign", "limit": 2}
    seen: list[str] = []
    for _ in range(3):
        page = (await anyone.get("/v1/calendar", params=query)).json()
        seen += [entry["id"] for entry in page["items"]]
        query["cursor"] = page["next"]
    assert (seen, page["next"]) == (wanted, None)


async def test_entries_are_found_by_place_audience_and_day(
    organiser: httpx.AsyncClient, anyone: httpx.AsyncClient
) -> None:
    barda = await published(organiser, kind="training", **at("2096-05-01"))
    shusha = await published(
        organiser,
        kind="training",
        venue={**SEMINAR["venue"], "district": "AZ-SUS"},
        audience={"origins": [], "residences": []},
        **at("2096-05-02"),
    )
    both = [shusha["id"], barda["id"]]
    assert await ids(anyone, kind="training") == both
    assert await ids(anyone, kind="training", district="AZ-BAR") == [barda["id"]]
    assert await ids(anyone, kind="training", origin="AZ-LAC") == both
    assert await ids(anyone, kind="training", origin="AZ-SUS") == [shusha["id"]]
    assert await ids(anyone, **{"from": "2096-05-01", "to": "2096-05-02"}) == both
    assert await ids(anyone, **{"from": "2096-05-02", "to": "2096-05-02"}) == [shusha["id"]]
    assert await ids(anyone, **{"from": "2096-05-01", "to": "2096-05-01"}) == [barda["id"]]


def cursor(*place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cursor", "x"),
        ("cursor", cursor("2026-01-01T00:00:00", "01a21026-0f76-7502-a70a-6f31b7c27641")),
        ("cursor", cursor("0001-01-01T00:00:00+23:00", "01a21026-0f76-7502-a70a-6f31b7c27641")),
        ("cursor", cursor("2026-01-01T00:00:00Z", "x")),
        ("district", "AZ-XX"),
        ("origin", ""),
        ("kind", "party"),
        ("from", "1999-12-31"),
        ("to", "2100-01-01"),
        ("limit", "0"),
    ],
)
async def test_a_wrong_question_names_its_field(
    anyone: httpx.AsyncClient, field: str, value: str
) -> None:
    assert fields(await anyone.get("/v1/calendar", params={field: value})) == [field]
