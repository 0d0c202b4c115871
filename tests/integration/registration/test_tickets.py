"""Tickets over HTTP: issued, drawn, revoked, reissued."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import asyncpg
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.integration.registration.hearing import (
    cancel_event,
    enrol,
    known,
    publish_event,
    refused,
    wrong_fields,
)
from tests.support.desk import answered
from tests.system import System


async def ticket(registrar: httpx.AsyncClient, enrolment: dict[str, Any]) -> dict[str, Any]:
    return await answered(registrar.get(f"/v1/enrolments/{enrolment['id']}/ticket"))


async def public_key(alone: System) -> Ed25519PublicKey:
    anybody = alone.client("registration")
    [key] = (await answered(anybody.get("/v1/tickets/keys")))["keys"]
    assert "d" not in key
    return Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(key["x"] + "=="))


async def revocations(registrar: httpx.AsyncClient, event_id: Any, **query: int) -> dict[str, Any]:
    return await answered(registrar.get(f"/v1/events/{event_id}/revocations", params=query))


async def test_a_ticket_names_nobody_and_is_drawn(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    enrolment = await enrol(registrar, await publish_event(alone, registrar), 2)
    issued = await ticket(registrar, enrolment)
    assert (issued["code"], issued["serial"], issued["seats"]) == (enrolment["ticket"], 1, 2)
    assert [each["person_id"] for each in issued["who"]] == enrolment["person_ids"]
    assert issued["who"][0]["name"] == "Əli Vaqif oğlu Həsənov"
    assert issued["token"].startswith("Q1.")
    assert (await ticket(registrar, enrolment))["token"] == issued["token"]
    path = f"/v1/enrolments/{enrolment['id']}/ticket"
    for kind, media_type, start in (
        ("svg", "image/svg+xml", b"<?xml"),
        ("png", "image/png", b"\x89PNG"),
    ):
        picture = await registrar.get(f"{path}.{kind}")
        assert (picture.status_code, picture.headers["Content-Type"]) == (200, media_type)
        assert picture.content.startswith(start)


async def test_a_reissue_revokes_the_ticket_before(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar)
    enrolment = await enrol(registrar, event_id, 1)
    first = await ticket(registrar, enrolment)
    path = f"/v1/enrolments/{enrolment['id']}/ticket/reissue"
    assert wrong_fields(await registrar.post(path, json={})) == ["reason"]
    second = await answered(registrar.post(path, json={"reason": "Lost"}))
    assert (second["serial"], second["seats"]) == (2, 1)
    assert second["code"] != first["code"]
    assert second["token"] != first["token"]
    assert (await ticket(registrar, enrolment))["token"] == second["token"]
    [revoked] = (await revocations(registrar, event_id))["revoked"]
    assert (revoked["enrolment_id"], revoked["serial"], revoked["cause"]) == (
        enrolment["id"],
        1,
        "reissued",
    )
    async with alone.database() as database:
        audited = await database.fetchrow(
            "SELECT reason, details FROM registration.audit_entries "
            "WHERE action = 'ticket.reissued' AND subject_id = $1",
            enrolment["id"],
        )
    assert (audited["reason"], json.loads(audited["details"])) == ("Lost", {"revoked_serial": 1})
    await registrar.post(f"/v1/enrolments/{enrolment['id']}/cancel")
    refused(await registrar.post(path, json={"reason": "Lost"}), 409, "enrolment-cancelled")


async def test_the_list_of_revoked_tickets_is_signed_and_comes_in_deltas(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar)
    enrolments = [await enrol(registrar, event_id, 1) for _ in range(3)]
    empty = await revocations(registrar, event_id)
    assert (empty["version"], empty["revoked"], empty["more"]) == (0, [], False)
    await registrar.post(f"/v1/enrolments/{enrolments[0]['id']}/cancel")
    one = await revocations(registrar, event_id)
    await cancel_event(alone, event_id, 2)
    await known(registrar, event_id, confirmed=0)
    rest = await revocations(registrar, event_id, since=one["version"], limit=1)
    last = await revocations(registrar, event_id, since=rest["version"], limit=1)
    every = [*one["revoked"], *rest["revoked"], *last["revoked"]]
    assert [each["enrolment_id"] for each in every] == [each["id"] for each in enrolments]
    assert {each["cause"] for each in every} == {"cancelled"}
    assert [each["more"] for each in (one, rest, last)] == [False, True, False]
    head, payload, signature = last["signed"].split(".")
    key = await public_key(alone)
    key.verify(urlsafe_b64decode(signature + "=="), f"{head}.{payload}".encode())
    signed = json.loads(urlsafe_b64decode(payload + "=="))
    assert signed["revoked"] == [[enrolments[2]["id"], 1, "cancelled"]]
    cancelled = await ticket(registrar, enrolments[0])
    assert (cancelled["token"], cancelled["status"]) == (None, "cancelled")
    picture = await registrar.get(f"/v1/enrolments/{enrolments[0]['id']}/ticket.svg")
    refused(picture, 409, "enrolment-cancelled")


async def test_nobody_takes_a_revocation_back(registrar: httpx.AsyncClient, alone: System) -> None:
    enrolment = await enrol(registrar, await publish_event(alone, registrar), 1)
    await registrar.post(f"/v1/enrolments/{enrolment['id']}/cancel")
    async with alone.database("registration_app") as database:
        for statement in ("DELETE FROM", "UPDATE"):
            change = " SET serial = 9" if statement == "UPDATE" else ""
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await database.execute(f"{statement} ticket_revocations{change}")
