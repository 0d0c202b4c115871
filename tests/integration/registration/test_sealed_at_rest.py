"""Whoever steals the database reads no FIN, phone, e-mail or home address of it."""

from uuid import UUID, uuid4

import httpx

from services.registration.families.tables import PHONE
from shared.contracts.registration import ContactChanged
from shared.messaging.tables import DATA
from tests.integration.registration.hearing import Told
from tests.support.bodies import email, fin, household, phone, place
from tests.support.dumps import traces
from tests.system import System


async def test_nothing_that_must_be_sealed_is_readable_in_the_database(
    registrar: httpx.AsyncClient, alone: System, told: Told
) -> None:
    body = household(place(), 2)
    body["residence"]["address"] = f"Nizami küçəsi 14, mənzil {fin()}"
    secrets = [body["residence"]["address"]]
    for member in body["members"]:
        member |= {"fin": fin(), "phone": phone(), "email": email()}
        secrets += [member["fin"], member["phone"], member["email"]]
    key = {"Idempotency-Key": str(uuid4())}
    first = await registrar.post("/v1/families", json=body, headers=key)
    again = await registrar.post("/v1/families", json=body, headers=key)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await registrar.post("/v1/families", json={**body, "consent": None}, headers=key)
    assert other.status_code == 422
    made = first.json()
    moved = {**made["residence"], "address": f"Xətai prospekti 3, mənzil {fin()}"}
    secrets.append(moved["address"])
    answer = await registrar.patch(
        f"/v1/families/{made['id']}", json={"residence": moved}, headers={"If-Match": '"1"'}
    )
    assert answer.json()["residence"]["address"] == moved["address"]
    person = made["members"][0]["id"]
    assert (await told.of(person, 1))[0][2]["phone"] == body["members"][0]["phone"]

    async with alone.database() as database:
        assert await traces(database, secrets) == set()
        [sealed] = await database.fetchrow(
            "SELECT sealed FROM registration.outbox WHERE subject = $1", person
        )
        [phone_sealed] = await database.fetchrow(
            "SELECT phone_sealed FROM registration.persons WHERE id = $1", UUID(person)
        )
    sealer = alone.sealer("registration")
    contact = ContactChanged.model_validate_json(sealer.open(sealed, DATA))
    assert contact.email == body["members"][0]["email"]
    assert sealer.open(phone_sealed, PHONE) == body["members"][0]["phone"]
