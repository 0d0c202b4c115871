"""The audit log over HTTP: auditors search it, everybody may hold its heads."""

import asyncio
import hashlib
import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx

from tests.integration.registration.hearing import enrol, publish_event, refused, wrong_fields
from tests.integration.registration.test_check_ins import arrival
from tests.support.bodies import household, place
from tests.support.waiting import eventually
from tests.system import System


async def test_an_auditor_searches_by_actor_action_subject_and_time(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    auditor = alone.client("registration", "auditor")
    made = await registrar.post("/v1/families", json=household(place(), 2))
    family = made.json()["id"]
    reason = {"X-Reason": quote("Zəng etdi")}
    await registrar.get(f"/v1/families/{family}", headers=reason)
    found = await search(auditor, subject_id=family)
    assert [(each["action"], each["actor"]) for each in found] == [
        ("family.read", "registrar@qayidis"),
        ("family.registered", "registrar@qayidis"),
    ]
    read, registered = found
    assert read["reason"] == "Zəng etdi"
    assert (read["roles"], read["address"]) == (["registrar"], "127.0.0.1")
    assert registered["details"]["members"] == 2
    assert await search(auditor, subject_id=family, action="family.read") == [read]
    assert await search(auditor, subject_id=family, actor="nobody") == []
    assert await search(auditor, subject_id=family, subject_type="event") == []
    assert await search(auditor, subject_id=family, **{"to": read["at"]}) == [registered]
    assert await search(auditor, subject_id=family, **{"from": read["at"]}) == [read]
    page = await auditor.get("/v1/audit", params={"subject_id": family, "limit": 1})
    more = {"subject_id": family, "cursor": page.json()["next"]}
    assert (await auditor.get("/v1/audit", params=more)).json()["items"] == [registered]


async def test_what_an_auditor_reads_gives_the_digests_again(alone: System) -> None:
    auditor = alone.client("registration", "auditor")
    for _ in range(3):
        await search(auditor, action="family.read")

    async def look() -> list[dict[str, Any]]:
        found = [each for each in await search(auditor, action="audit.searched") if each["digest"]]
        assert len(found) >= 3
        return found

    found = await eventually(look)
    digests = {each["position"]: each["digest"] for each in found}
    followed = [each for each in found if each["position"] - 1 in digests]
    assert followed
    for entry in followed:
        told = {name: entry[name] for name in entry if name != "digest"}
        told["previous"] = digests[entry["position"] - 1]
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(text.encode()).hexdigest() == entry["digest"]


async def test_searching_is_written_down_and_is_for_auditors_alone(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    auditor = alone.client("registration", "auditor")
    subject = str(uuid4())
    await search(auditor, subject_id=subject, action="family.read")
    last = (await search(auditor, action="audit.searched"))[0]
    assert last["actor"] == "auditor@qayidis"
    assert last["details"]["wanted"] == {"subject_id": subject, "action": "family.read"}
    refused(await registrar.get("/v1/audit"), 403, "forbidden")
    for query in ({"cursor": "x"}, {"from": "yesterday"}, {"subject_id": "1"}):
        assert wrong_fields(await auditor.get("/v1/audit", params=query)) == [next(iter(query))]


async def test_every_way_to_write_leaves_one_entry(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    auditor = alone.client("registration", "auditor")
    event_id = await publish_event(alone, registrar, capacity=2)
    seated = await enrol(registrar, event_id, 2)
    waiting = await enrol(registrar, event_id, 2)
    await registrar.post("/v1/check-ins", json=arrival(seated, 0))
    await registrar.get(f"/v1/enrolments/{seated['id']}")
    await registrar.post(f"/v1/enrolments/{seated['id']}/cancel")
    assert await acts(auditor, seated["id"]) == [
        ("enrolment.made", "registrar@qayidis"),
        ("check_in.recorded", "registrar@qayidis"),
        ("enrolment.read", "registrar@qayidis"),
        ("enrolment.cancelled", "registrar@qayidis"),
    ]
    assert await acts(auditor, waiting["id"]) == [
        ("enrolment.made", "registrar@qayidis"),
        ("enrolment.promoted", "registrar@qayidis"),
    ]


async def test_the_heads_are_public_and_told(alone: System) -> None:
    anyone = alone.client("registration")

    async def look() -> dict[str, Any]:
        heads = (await anyone.get("/v1/audit/heads")).json()["items"]
        assert heads
        return dict(heads[0])

    head = await eventually(look, 20)
    async with alone.database() as database:
        told = await database.fetch(
            "SELECT data::jsonb ->> 'digest' FROM registration.outbox "
            "WHERE routing_key = 'registration.audit_head_published.v1'"
        )
        digest = await database.fetchval(
            "SELECT encode(digest, 'hex') FROM registration.audit_seals WHERE position = $1",
            head["position"],
        )
    assert head["digest"] == digest
    assert [row[0] for row in told] == [digest]


async def search(auditor: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    """Search the log once all of it that was committed has its place."""
    for _ in range(50):
        answer = await auditor.get("/v1/audit", params=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        if query.get("action") == "audit.searched" or all(each["digest"] for each in found):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("entries wait for their place")


async def acts(auditor: httpx.AsyncClient, subject_id: str) -> list[tuple[str, str]]:
    found = await search(auditor, subject_id=subject_id)
    return [(each["action"], each["actor"]) for each in reversed(found)]
