"""Consents over HTTP: a history per purpose that only grows, beside the family's own field."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from tests.integration.registration.hearing import Told, refused, wrong_fields
from tests.support.bodies import household, place
from tests.support.waiting import eventually
from tests.system import System

Body = dict[str, Any]

PHOTOGRAPHS: Body = {
    "purpose": "photographs",
    "basis": "consent",
    "given_by": "spouse",
    "given_on": "2026-11-02",
    "channel": "paper",
}


async def register(registrar: httpx.AsyncClient, **other: Any) -> Body:
    answer = await registrar.post("/v1/families", json={**household(place(), 2), **other})
    assert answer.status_code == 201, answer.text
    made: Body = answer.json()
    return made


async def history(registrar: httpx.AsyncClient, family: Body) -> list[tuple[str, str, bool]]:
    answer = await registrar.get(f"/v1/families/{family['id']}/consents")
    items = answer.json()["items"]
    return [(each["purpose"], each["kind"], each["holds"]) for each in items]


async def test_the_field_of_the_family_feeds_the_records(registrar: httpx.AsyncClient) -> None:
    family = await register(registrar)
    path = f"/v1/families/{family['id']}"
    assert await history(registrar, family) == [("event_notifications", "given", True)]
    more = {**family["consent"], "purposes": ["event_notifications", "photographs"]}
    changed = await registrar.patch(path, json={"consent": more}, headers={"If-Match": '"1"'})
    assert changed.json()["consent"] == more
    again = await registrar.patch(path, json={"consent": more}, headers={"If-Match": '"2"'})
    assert again.json()["version"] == 2
    taken = await registrar.patch(path, json={"consent": None}, headers={"If-Match": '"2"'})
    assert taken.json()["consent"] is None
    assert await history(registrar, family) == [
        ("photographs", "withdrawn", False),
        ("event_notifications", "withdrawn", False),
        ("photographs", "given", False),
        ("event_notifications", "given", False),
    ]


async def test_a_purpose_is_given_and_withdrawn_by_itself(
    registrar: httpx.AsyncClient, told: Told
) -> None:
    family = await register(registrar)
    path = f"/v1/families/{family['id']}"
    given = await registrar.post(f"{path}/consents", json=PHOTOGRAPHS)
    assert given.status_code == 201, given.text
    body = given.json()
    assert (body["basis"], body["given_by"], body["channel"]) == ("consent", "spouse", "paper")
    assert body["recorded_by"] == "registrar@qayidis"
    assert given.headers["Location"].endswith(f"{path}/consents/{body['id']}/receipt")
    seen = (await registrar.get(path)).json()
    assert seen["consent"]["purposes"] == ["event_notifications", "photographs"]
    assert {**seen["consent"], "purposes": []} == {**family["consent"], "purposes": []}
    answer = await registrar.post(
        f"{path}/consents/event_notifications/withdraw", json={"reason": "Zəng etdi"}
    )
    assert answer.status_code == 200, answer.text
    withdrawn = answer.json()
    assert (withdrawn["kind"], withdrawn["reason"]) == ("withdrawn", "Zəng etdi")
    person = family["members"][0]["id"]
    contacts = [data["may_notify"] for _, _, data in await told.of(person, 2)]
    assert contacts == [True, False]
    assert (await registrar.get(path)).json()["consent"]["purposes"] == ["photographs"]
    again = await registrar.post(
        f"{path}/consents/event_notifications/withdraw", json={"reason": "x"}
    )
    refused(again, 409, "not-given")


async def test_a_consent_ends_with_its_validity(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    family = await register(registrar, consent=None)
    past = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    body = {
        **PHOTOGRAPHS,
        "purpose": "event_notifications",
        "given_on": "2026-01-01",
        "valid_until": past,
    }
    await registrar.post(f"/v1/families/{family['id']}/consents", json=body)
    person = family["members"][0]["id"]
    contacts = [data["may_notify"] for _, _, data in await told.of(person, 3)]
    assert contacts == [False, True, False]
    assert await history(registrar, family) == [
        ("event_notifications", "expired", False),
        ("event_notifications", "given", False),
    ]
    auditor = alone.client("registration", "auditor")
    query = {"action": "consent.expired", "actor": "system"}
    assert (await auditor.get("/v1/audit", params=query)).json()["items"]


@pytest.mark.parametrize("language", ["az", "en", "ru"])
async def test_the_receipt_says_all_that_the_law_asks(
    registrar: httpx.AsyncClient, language: str
) -> None:
    family = await register(registrar)
    path = f"/v1/families/{family['id']}/consents"
    for purpose in ("photographs", "programme_statistics", "event_notifications"):
        given = (await registrar.post(path, json={**PHOTOGRAPHS, "purpose": purpose})).json()
        url, query = f"{path}/{given['id']}/receipt", {"language": language}
        receipt = (await registrar.get(url, params=query)).json()
        text = await registrar.get(url, params={**query, "as": "text"})
        assert text.headers["content-type"] == "text/plain; charset=utf-8"
        assert text.text == receipt["text"]
        parts = ("number", "subject", "operator", "purpose", "data", "processing", "validity")
        for name in (*parts, "withdrawal"):
            assert receipt[name], name
            assert receipt[name] in text.text
        assert "998-IIIQ" in text.text
        assert "Əli Həsənov" in receipt["subject"]
    refused(await registrar.get(f"{path}/{family['id']}/receipt"), 404, "not-found")


async def test_wrong_decisions_are_refused(registrar: httpx.AsyncClient) -> None:
    family = await register(registrar)
    path = f"/v1/families/{family['id']}/consents"
    for field, value in {
        "purpose": "selling",
        "basis": "habit",
        "given_on": "2099-01-01",
        "valid_until": "2100-01-01",
        "channel": "pigeon",
        "more": 1,
    }.items():
        answer = await registrar.post(path, json={**PHOTOGRAPHS, field: value})
        assert wrong_fields(answer) == [field]
    before = await registrar.post(path, json={**PHOTOGRAPHS, "valid_until": "2026-11-01"})
    assert before.status_code == 422
    nobody = "/v1/families/0193a001-5c1e-7a40-8b2d-6f31b7c2a001/consents"
    refused(await registrar.post(nobody, json=PHOTOGRAPHS), 404, "not-found")
    refused(await registrar.get(nobody), 404, "not-found")


async def test_the_history_only_grows(alone: System, registrar: httpx.AsyncClient) -> None:
    await register(registrar)
    for role in ("registration_app", None):
        async with alone.database(role) as database:
            for change in ("UPDATE {} SET basis = 'x'", "DELETE FROM {}", "TRUNCATE {}"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await database.execute(change.format("registration.consents"))


async def test_two_desks_at_once_leave_one_withdrawal(registrar: httpx.AsyncClient) -> None:
    family = await register(registrar)
    path = f"/v1/families/{family['id']}/consents/event_notifications/withdraw"
    calls = (registrar.post(path, json={"reason": "x"}) for _ in range(5))
    answers = [answer.status_code for answer in await asyncio.gather(*calls)]
    assert sorted(answers) == [200, 409, 409, 409, 409]

    async def look() -> None:
        kinds = [kind for _, kind, _ in await history(registrar, family)]
        assert kinds == ["withdrawn", "given"]

    await eventually(look)
