"""Another ministry's system: it reads every public message, proves none is missing, sees no one."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage

from shared.contracts import CONTRACTS
from shared.contracts.base import PUBLIC
from shared.contracts.envelope import CONTENT_TYPE
from shared.contracts.registration import AuditHeadPublished
from tests.support import bodies
from tests.support.bodies import Body, person
from tests.support.desk import Desk, answered
from tests.support.outside import Ear, outside_system, read
from tests.support.waiting import eventually
from tests.system import System

TOLD = {contract.type(): contract for contract in CONTRACTS if contract.exchange == PUBLIC}


def recognisable() -> Body:
    """A person whose every value would be noticed anywhere."""
    mark = uuid4().hex[:8]
    return person(
        given_name=f"Zümrüd{mark}",
        family_name=f"Şıxəliyeva{mark}",
        patronymic=f"Ağaməmməd{mark} qızı",
        birth_date="1903-04-05",
        email=f"{mark}@example.com",
    )


async def play_everything(desk: Desk) -> list[Body]:
    """Make every kind of public message happen; give the families as they were typed."""
    at = bodies.place()
    typed = [bodies.family(at, recognisable(), recognisable()) for _ in range(3)]
    for body in typed:
        body["residence"]["address"] = f"Gizli küç. {uuid4().hex[:8]}"
    event = await desk.publish(bodies.event(at, capacity=3))
    families = [await desk.register(body) for body in typed]
    first, second, _ = [await desk.enrol(event["id"], family) for family in families]
    await desk.give_up(first)
    await desk.change(families[0], {"residence": {**typed[0]["residence"], "settlement": "Yeni"}})
    body = {"person_ids": second["person_ids"][:1], "nonce": str(uuid4())}
    now = datetime.now(UTC).isoformat()
    checked = await desk.registration.post(
        "/v1/check-ins", json={**body, "ticket": second["ticket"], "at": now}
    )
    assert checked.status_code == 201, checked.text
    await desk.amend(event["id"], {"capacity": 4, "reason": bodies.reason()})
    start = datetime.now(UTC) + timedelta(days=9)
    times = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=1)).isoformat()}
    await desk.act(event["id"], "reschedule", {**times, "reason": bodies.reason()})
    await desk.act(event["id"], "cancel", {"reason": bodies.reason()})
    other = await desk.publish(bodies.event(at))
    await desk.act(other["id"], "complete", {"reason": bodies.reason()})
    await play_offers(desk, at)
    return [*typed, *await play_merge_and_erasure(desk, at)]


async def play_offers(desk: Desk, at: bodies.Place) -> None:
    """Offer seats that became free, to a family that does not want them."""
    seating = {"rule": "strict_order", "offer_hours": 24}
    event = await desk.publish(bodies.event(at, capacity=1, seating=seating))
    seated, waits = [
        await desk.enrol(event["id"], await desk.register(bodies.family(at))) for _ in range(2)
    ]
    await desk.give_up(seated)
    declined = await desk.registration.post(f"/v1/enrolments/{waits['id']}/decline")
    assert declined.status_code == 200, declined.text


async def play_merge_and_erasure(desk: Desk, at: bodies.Place) -> list[Body]:
    """Let one die, merge two registrations and undo it, erase a family; give them as typed."""
    typed = [bodies.family(at, recognisable(), recognisable()) for _ in range(2)]
    event = await desk.publish(bodies.event(at))
    kept, merged = [await desk.register(body) for body in typed]
    await desk.enrol(event["id"], kept)
    gone = {"person_id": kept["members"][1]["id"], "died_on": "2026-11-01"}
    kept = await answered(
        desk.registration.post(
            f"/v1/families/{kept['id']}/deaths", json=gone, headers={"If-Match": '"1"'}
        )
    )
    pairs = [
        {"kept_person_id": one["id"], "merged_person_id": two["id"]}
        for one, two in zip(kept["members"], merged["members"], strict=False)
    ]
    body = {
        "kept_family_id": kept["id"],
        "kept_version": kept["version"],
        "merged_family_id": merged["id"],
        "merged_version": merged["version"],
        "pairs": pairs,
        "reason": "İki dəfə yazılıb",
    }
    made = await answered(desk.registration.post("/v1/merges", json=body))
    undo = {"reason": "Səhv"}
    await answered(desk.registration.post(f"/v1/merges/{made['id']}/undo", json=undo))
    erasure = {"family_id": merged["id"], "reason": "Xahiş", "basis": "consent_withdrawn"}
    await answered(desk.registration.post("/v1/erasures", json=erasure))
    return typed


@pytest.fixture(scope="module")
async def heard(desk: Desk) -> tuple[Ear, list[Body]]:
    """What an outside system that may read all public keys heard of it."""
    async with outside_system(desk.system, "labour", ["registration.#", "events.#"]) as (_, ear):
        typed = await play_everything(desk)

        async def look() -> None:
            heard = {event.get_type() for event in ear.events()}
            # A day's head is published once, maybe before this system listened.
            missing = TOLD.keys() - heard - {AuditHeadPublished.type()}
            assert not missing, missing

        await eventually(look)
    return ear, typed


async def test_it_reads_every_public_type_with_the_cloudevents_sdk(
    heard: tuple[Ear, list[Body]],
) -> None:
    ear, _ = heard
    for message in ear.messages:
        event = read(message)
        contract = TOLD[event.get_type()]
        assert event.get_source() == f"/{contract.service()}"
        assert event.get_dataschema() == contract.dataschema()
        assert event.get_datacontenttype() == "application/json"
        assert event.get_extension("subjectversion") >= 1
        time = event.get_time()
        assert time is not None
        assert time.utcoffset() == timedelta(0)
        contract.model_validate(event.get_data(), strict=False)


async def test_the_envelope_is_repeated_in_properties_and_headers(
    heard: tuple[Ear, list[Body]],
) -> None:
    ear, _ = heard
    for message in ear.messages:
        envelope = json.loads(message.body)
        assert message.message_id == envelope["id"]
        assert message.type == envelope["type"]
        assert message.correlation_id == envelope["correlationid"]
        assert f"/{message.app_id}" == envelope["source"]
        assert message.content_type == CONTENT_TYPE
        assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
        assert message.timestamp is not None
        assert message.exchange == PUBLIC
        assert message.routing_key == envelope["type"].removeprefix("az.gov.idp.")
        context = {name: value for name, value in envelope.items() if name != "data"}
        assert _ce_headers(message) == context


async def test_it_can_prove_that_nothing_is_missing(heard: tuple[Ear, list[Body]]) -> None:
    ear, _ = heard
    ear.check_gapless()


async def test_no_message_holds_personal_data(heard: tuple[Ear, list[Body]]) -> None:
    ear, typed = heard
    secrets = bodies.personal_values(typed)
    for message in ear.messages:
        everything = message.body.decode() + str(message.headers)
        assert [value for value in secrets if value in everything] == [], message.type


async def test_no_log_and_no_metric_holds_personal_data(
    desk: Desk, heard: tuple[Ear, list[Body]]
) -> None:
    secrets = bodies.personal_values(heard[1])
    for service in ("registration", "events", "notifications"):
        log = desk.system.processes.log(service).read_text(encoding="utf-8")
        metrics = (await desk.system.client(service).get("/metrics")).text
        assert [value for value in secrets if value in log + metrics] == [], service


async def test_a_key_that_was_not_given_is_never_heard(system: System, desk: Desk) -> None:
    keys = ["events.event_published.v1"]
    async with outside_system(system, "culture", keys) as (_, ear):
        event = await desk.publish(bodies.event(bodies.place()))
        await desk.register(bodies.family(bodies.place()))
        await desk.act(event["id"], "cancel", {"reason": bodies.reason()})
        later = await desk.publish(bodies.event(bodies.place()))

        async def look() -> None:
            assert later["id"] in {told.get_subject() for told in ear.events()}

        await eventually(look)
        assert {told.get_type() for told in ear.events()} == {
            "az.gov.idp.events.event_published.v1"
        }


def _ce_headers(message: AbstractIncomingMessage) -> dict[str, object]:
    prefix = "cloudEvents_"
    return {
        name.removeprefix(prefix): value
        for name, value in message.headers.items()
        if name.startswith(prefix)
    }
