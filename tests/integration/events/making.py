"""Bodies and calls that many tests start from."""

from typing import Any

import httpx

WORDS = {"az": "Səbəb", "en": "Reason", "ru": "Причина"}

SEMINAR: dict[str, Any] = {
    "kind": "seminar",
    "title": {"az": "Böyük Qayıdış", "en": "Great Return", "ru": "Великое возвращение"},
    "summary": {"az": "Proqram haqqında", "en": "About the programme", "ru": "О программе"},
    "starts_at": "2098-12-01T10:00:00+04:00",
    "ends_at": "2098-12-01T13:00:00+04:00",
    "venue": {"name": "Heydər Əliyev Mərkəzi", "district": "AZ-BAR", "address": "Bərdə"},
    "capacity": 60,
    "audience": {"origins": ["AZ-AGM", "AZ-LAC", "AZ-KAL"], "residences": ["AZ-BAR"]},
    "enrolment_closes_at": "2098-11-30T18:00:00+04:00",
    "seating": {"rule": "best_fit", "offer_hours": None, "district_caps": {}},
}
MOVE: dict[str, Any] = {
    "starts_at": "2098-12-03T10:00:00+04:00",
    "ends_at": "2098-12-03T13:00:00+04:00",
    "reason": WORDS,
}


async def drafted(organiser: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    """Write a draft of the seminar with some fields changed."""
    answer = await organiser.post("/v1/events", json={**SEMINAR, **changes})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def published(organiser: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    """Publish the seminar with some fields changed."""
    draft = await drafted(organiser, **changes)
    return await done(organiser, draft["id"], "publish")


async def done(
    organiser: httpx.AsyncClient, event_id: str, action: str, body: Any = None
) -> dict[str, Any]:
    """Do an action that must succeed."""
    answer = await organiser.post(f"/v1/events/{event_id}/{action}", json=body)
    assert answer.status_code == 200, answer.text
    event: dict[str, Any] = answer.json()
    assert answer.headers["ETag"] == f'"{event["version"]}"'
    return event


def fields(answer: httpx.Response) -> list[str]:
    """The fields a 422 names."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return [error["field"] for error in answer.json()["errors"]]


def refused(answer: httpx.Response, slug: str, status: str) -> bool:
    """Tell whether a 409 says why, and what the event is."""
    assert answer.status_code == 409, answer.text
    problem = answer.json()
    return (problem["type"], problem["event_status"]) == (f"urn:qayidis:problem:{slug}", status)
