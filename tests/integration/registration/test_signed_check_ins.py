"""A signed ticket at the desk: let in once, and every wrong one refused with its own reason."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from joserfc.jwk import OKPKey

from services.registration.tickets.domain import Ticket
from services.registration.tickets.keys import TicketKeys
from tests.integration.registration.hearing import enrol, publish_event, refused
from tests.integration.registration.test_tickets import ticket
from tests.system import System


def arrival(enrolment: dict[str, Any], token: str, **other: Any) -> dict[str, Any]:
    return {
        "ticket": token,
        "person_ids": enrolment["person_ids"][:1],
        "nonce": uuid4().hex,
        "at": datetime.now(UTC).isoformat(),
        **other,
    }


def claims(enrolment: dict[str, Any], **other: Any) -> Ticket:
    known = {
        "event_id": UUID(enrolment["event_id"]),
        "enrolment_id": UUID(enrolment["id"]),
        "seats": 1,
        "serial": 1,
        "issued_at": datetime(2026, 11, 1, tzinfo=UTC),
    }
    return Ticket(**{**known, **other})


async def test_a_signed_ticket_lets_a_family_in_member_by_member(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    enrolment = await enrol(registrar, await publish_event(alone, registrar), 3)
    token = (await ticket(registrar, enrolment))["token"]
    first = arrival(enrolment, token)
    answer = await registrar.post("/v1/check-ins", json=first)
    assert (answer.status_code, answer.json()["attended"]) == (201, enrolment["person_ids"][:1])
    assert (await registrar.post("/v1/check-ins", json=first)).status_code == 200
    typed = f" {token[:40].lower()}\n{token[40:]}"
    rest = arrival(enrolment, typed, person_ids=enrolment["person_ids"][1:])
    answer = await registrar.post("/v1/check-ins", json=rest)
    assert (answer.status_code, answer.json()["attended"]) == (201, enrolment["person_ids"])
    replayed = await registrar.post("/v1/check-ins", json=arrival(enrolment, token))
    assert replayed.json()["attended"] == enrolment["person_ids"], "nobody is counted twice"


async def test_every_wrong_ticket_is_refused_with_its_reason(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    event_id = await publish_event(alone, registrar, capacity=2)
    enrolment = await enrol(registrar, event_id, 1)
    other = await enrol(registrar, await publish_event(alone, registrar), 1)
    token = (await ticket(registrar, enrolment))["token"]
    others = (await ticket(registrar, other))["token"]

    async def presented(text: str, **more: Any) -> httpx.Response:
        return await registrar.post("/v1/check-ins", json=arrival(enrolment, text, **more))

    forged = token[:90] + ("1" if token[90] == "0" else "0") + token[91:]
    stranger = TicketKeys.of([OKPKey.generate_key("Ed25519")]).write(claims(enrolment))
    keys = TicketKeys.from_file(alone.around.keys_folder / "tickets.jwk")
    for text, slug in (
        (token[:100], "ticket-incomplete"),
        (token + "AB", "ticket-unreadable"),
        (token[:50] + "!" + token[51:], "ticket-unreadable"),
        (forged, "ticket-forged"),
        (stranger, "ticket-unknown-key"),
    ):
        problem = refused(await presented(text), 422, slug)
        assert [error["field"] for error in problem["errors"]] == ["ticket"]
    refused(await presented(keys.write(claims(enrolment, enrolment_id=uuid4()))), 404, "not-found")
    wrong_door = await presented(others, event_id=str(event_id), person_ids=other["person_ids"])
    refused(wrong_door, 409, "ticket-of-another-event")
    assert (await presented(token, event_id=str(event_id))).status_code == 201


async def test_a_replaced_ticket_lets_nobody_in_in_either_form(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    enrolment = await enrol(registrar, await publish_event(alone, registrar), 1)
    old = await ticket(registrar, enrolment)
    path = f"/v1/enrolments/{enrolment['id']}/ticket/reissue"
    new = (await registrar.post(path, json={"reason": "Lost"})).json()
    for text in (old["token"], old["code"]):
        answer = await registrar.post("/v1/check-ins", json=arrival(enrolment, text))
        refused(answer, 409, "ticket-revoked")
    for text in (new["token"], new["code"]):
        answer = await registrar.post("/v1/check-ins", json=arrival(enrolment, text))
        assert answer.status_code == 201
    await registrar.post(f"/v1/enrolments/{enrolment['id']}/cancel")
    for text in (new["token"], new["code"]):
        answer = await registrar.post("/v1/check-ins", json=arrival(enrolment, text))
        refused(answer, 409, "enrolment-cancelled")


@pytest.mark.parametrize("length", [300, 301])
async def test_a_ticket_has_at_most_300_letters(registrar: httpx.AsyncClient, length: int) -> None:
    body = arrival({"person_ids": [str(uuid4())]}, "A" * length)
    expected = 404 if length == 300 else 422
    assert (await registrar.post("/v1/check-ins", json=body)).status_code == expected
