"""A person's whole record as a file: everything of that person, and nothing of anybody else."""

from typing import Any
from urllib.parse import quote

import httpx

from tests.integration.registration.hearing import publish_event, refused, wrong_fields
from tests.integration.registration.test_check_ins import arrival
from tests.support.bodies import family, person, place
from tests.system import System

WHY = {"X-Reason": quote("Şəxsin ərizəsi")}


async def test_the_file_holds_everything_of_one_person(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    mine = person(given_name="Gülər")
    other = person(given_name="Kamran", family_name="Zeynallı")
    made = (await registrar.post("/v1/families", json=family(place(), mine, other))).json()
    event_id = await publish_event(alone, registrar)
    body: dict[str, Any] = {"event_id": str(event_id), "family_id": made["id"]}
    enrolment = (await registrar.post("/v1/enrolments", json=body)).json()
    await registrar.post("/v1/check-ins", json=arrival(enrolment, 0))
    reading = {"X-Reason": quote("Zəng")}
    await registrar.get(f"/v1/families/{made['id']}", headers=reading)
    path = f"/v1/persons/{made['members'][0]['id']}/record"
    assert wrong_fields(await registrar.get(path)) == ["X-Reason"]
    answer = await registrar.get(path, headers=WHY)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].startswith("attachment")
    record = answer.json()
    assert record["person"] == made["members"][0]
    assert (record["family_id"], record["members"]) == (made["id"], 2)
    assert record["residence"] == made["residence"]
    assert [each["purpose"] for each in record["consents"]] == ["event_notifications"]
    assert [each["id"] for each in record["enrolments"]] == [enrolment["id"]]
    assert [each["event_id"] for each in record["attendance"]] == [str(event_id)]
    assert [each["member"]["given_name"] for each in record["history"]] == ["Gülər"]
    acts = [(each["action"], each["reason"]) for each in record["audit"]]
    assert ("person.record_read", "Şəxsin ərizəsi") in acts
    assert ("family.read", "Zəng") in acts
    for name in ("given_name", "family_name", "fin", "phone"):
        assert other[name] not in answer.text
    nobody = "/v1/persons/0193a001-5c1e-7a40-8b2d-6f31b7c2a001/record"
    refused(await registrar.get(nobody, headers=WHY), 404, "not-found")
