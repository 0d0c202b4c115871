"""What staff, providers and passers-by do to a system in use, well and badly.

Each takes the needles along: what personal data it used, and nobody should find anywhere.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import httpx

from shared.contracts.base import INTERNAL
from shared.contracts.registration import ContactChanged
from shared.ids import new_id
from tests.integration.registration.accounts import PASSWORD, Accounts
from tests.integration.registration.test_page_frame import hidden
from tests.support import bodies
from tests.support.bodies import Body, person
from tests.support.desk import Desk, answered
from tests.support.injection import inject, inject_raw, message
from tests.support.lists import as_csv, checked, row, until
from tests.support.needles import Needles
from tests.support.waiting import eventually
from tests.system import System


async def play_demo(system: System) -> None:
    """Play the very demo of `make demo`, as a process of its own."""
    urls = {f"DEMO_{name.upper()}_URL": url for name, url in system.urls.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.local.demo"),
        env={**os.environ, **urls, "QAYIDIS_KEYS_DIR": str(system.around.keys_folder)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()


async def use_the_desk(desk: Desk, needles: Needles) -> None:
    """Sign in, search, import a list and check somebody in."""
    async with Accounts.of(desk.system) as made:
        account = await made.add("registrar")
        needles.values |= {PASSWORD, "a-wrong-password", account.staff.login}
        needles.words.add("Kəmalə")
    async with _browser(desk.system) as browser:
        for password in ("a-wrong-password", PASSWORD):
            form = {**hidden(await browser.get("/sign-in")), "login": account.staff.login}
            answer = await browser.post("/sign-in", data={**form, "password": password})
        assert answer.status_code == 303, answer.text
        needles.values |= set(browser.cookies.values())
        for typed in ("Axtarılmaz", bodies.fin(), bodies.phone()):
            needles.values.add(typed)
            form = hidden(await browser.get("/"))
            found = await browser.post("/", data={"csrf": form["csrf"], "q": typed})
            needles.values |= {form["csrf"], found.headers["location"].partition("=")[2]}
            await browser.get(found.headers["location"])
            await desk.registration.get("/v1/families", params={"q": typed})
            await desk.registration.get("/v1/search", params={"q": typed})
    signed_in = await answered(
        desk.registration.post(
            "/v1/sign-in", json={"login": account.staff.login, "password": PASSWORD}
        )
    )
    needles.values.add(signed_in["access_token"])

    listed = [row(number, Soyadı=f"Siyahıyev{number}") for number in range(3)]
    listed.append(row(9, Soyadı="Pozulmuşova", Telefon="05O-12", FIN="QQ"))
    needles.words |= {each["Soyadı"] for each in listed}
    needles.values |= {each[name] for each in listed[:3] for name in ("FIN", "Telefon", "Ünvan")}
    made_import = await checked(desk.registration, as_csv(listed))
    path = f"/v1/imports/{made_import['id']}/commit"
    await answered(desk.registration.post(path, headers={"Idempotency-Key": str(uuid4())}))
    await until(desk.registration, made_import["id"], "committed")

    at = bodies.place()
    family = await desk.register(bodies.family(at, person(email=bodies.email())))
    event = await desk.publish(bodies.event(at))
    enrolment = await desk.enrol(event["id"], family)
    ticket = await answered(desk.registration.get(f"/v1/enrolments/{enrolment['id']}/ticket"))
    needles.values |= {ticket["token"], ticket["code"]}
    arrival = {
        "ticket": ticket["token"],
        "person_ids": enrolment["person_ids"],
        "nonce": str(uuid4()),
        "at": datetime.now(UTC).isoformat(),
    }
    await answered(desk.registration.post("/v1/check-ins", json=arrival))


async def refuse(desk: Desk, needles: Needles) -> None:
    """Be refused in every way, with personal data where none is expected."""
    at = bodies.place()
    good = bodies.family(at, person(family_name="Təkrarova"))
    await desk.register(good)
    assert (await desk.registration.post("/v1/families", json=good)).status_code == 409
    bad = bodies.family(at, person(family_name="Yanlışova", phone="+99450-YANLIS", fin="ƏÖÜ-1961"))
    needles.add_people([bad])
    assert (await desk.registration.post("/v1/families", json=bad)).status_code == 422
    phone, name = bodies.phone(), "Ünvanova"
    needles.values |= {phone, "Başlıqova"}
    needles.words.add(name)
    for path in (f"/v1/families/{phone}", f"/{name}/{phone}", f"/v1/families?cursor={phone}"):
        await desk.registration.get(path)
    await desk.registration.get("/v1/events/none", headers={"traceparent": phone, "host": phone})
    content = f'{{"members": "{name} {phone}'
    json = {"content-type": "application/json", "Idempotency-Key": f"{phone} x"}
    await desk.registration.post("/v1/families", content=content, headers=json)
    await desk.registration.post("/v1/families", content=b"[" * 100_000, headers=json)
    await desk.registration.request("BREW", f"/v1/families/{phone}")
    forged = {"authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJCYcWfbMSxcW92YSJ9."}
    await desk.registration.get("/v1/families", headers=forged)
    await desk.notifications.post(f"/v1/receipts/{phone}", content=content)
    # No request at all, as a scanner sends it.
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.system.ports["registration"])
    writer.write(f"{name} {phone}\r\n\r\n".encode())
    await reader.read(1000)
    writer.close()


async def trouble_the_provider(desk: Desk, needles: Needles) -> None:
    """Let a provider refuse, fail, hang and say too much in its receipt."""
    at, mailbox = bodies.place(), bodies.email()
    phones = {mode: bodies.phone() for mode in ("fail", "500", "429", "time_out")}
    for mode, phone in phones.items():
        await desk.switch(phone, mode, seconds=4 if mode == "time_out" else None)
        await desk.register(bodies.family(at, person(phone=phone)))
    await desk.register(bodies.family(at, person(phone=None, email=mailbox)))
    event = await desk.publish(bodies.event(at))

    async def tried() -> list[Body]:
        told = await desk.told(event_id=event["id"])
        assert len(told) == 5
        assert all(each["attempts"] > 0 for each in told)
        return told

    for item in await eventually(tried):
        said = f"{phones['fail']} ({mailbox}) is not in service"
        needles.values.add(said)
        at_once = datetime.now(UTC).isoformat()
        await desk.receipt({"id": item["id"], "status": "failed", "reason": said, "at": at_once})
    for phone in phones.values():
        await desk.switch(phone, "deliver")


async def poison(desk: Desk, needles: Needles) -> None:
    """Send messages that cannot be read, and one that no table takes."""
    phone, name = bodies.phone(), "Zəhərova"
    needles.values.add(phone)
    needles.words.add(name)
    key = ContactChanged.routing_key
    known = dict.fromkeys(ContactChanged.model_fields, f"{name} {phone}")
    envelope: Body = {
        "specversion": "1.0",
        "id": str(new_id()),
        "source": name,
        "type": ContactChanged.type(),
        "subject": phone,
        "time": datetime.now(UTC).isoformat(),
        "subjectversion": 1,
        "correlationid": str(new_id()),
        "data": {**known, name: phone},
    }
    texts = (
        f"{name} {phone}",
        httpx.Request("POST", "http://x", json=envelope).content.decode(),
        httpx.Request("POST", "http://x", json={**envelope, "type": phone}).content.decode(),
    )
    for text in texts:
        await inject_raw(desk.system, text.encode(), INTERNAL, key, "registration")
    contact = ContactChanged(
        person_id=new_id(),
        family_id=new_id(),
        given_name=f"{name}\0",
        family_name=name,
        phone=phone,
        email=None,
        language="az",
        origin_district="AZ-AGM",
        residence_district="AZ-BAR",
        may_notify=True,
    )
    await inject(desk.system, (contact, message(contact, contact.person_id, 1)))
    await _parked(desk.system, "notifications.contacts.dead", 4)


async def see_to_dead_letters(desk: Desk, needles: Needles) -> None:
    """List, open, replay and drop what was parked, and export the families."""
    operator = desk.system.client("notifications", "operator", "auditor")
    needles.values.add(operator.headers["authorization"][7:])
    await operator.get("/v1/dead-letters/groups", params={"exception": "Soruşulmuşova"})
    needles.values.add("Soruşulmuşova")
    page = await answered(operator.get("/v1/dead-letters"))
    refs = [each["ref"] for each in page["items"]]
    for ref in refs:
        await answered(operator.get(f"/v1/dead-letters/{ref}", params={"unmasked": "true"}))
        await operator.post(f"/v1/dead-letters/{ref}/replay")
    why = {"reason": "Atılmışova said so"}
    needles.words.add("Atılmışova")
    await operator.post(f"/v1/dead-letters/{refs[0]}/drop", json=why)
    await operator.get("/v1/dead-letters/Atılmışova")
    columns = {"reason": "Atılmışova asked"}
    answer = await desk.registration.get(
        "/v1/exports/families", params={"format": "csv", **columns}
    )
    assert answer.status_code == 200, answer.text


async def break_the_database(desk: Desk, needles: Needles) -> None:
    """Take tables away under a request, a message and the courier, and give them back."""
    lost = bodies.family(bodies.place(), person(family_name="Itmişova"))
    kept = bodies.family(bodies.place(), person(family_name="Qalanova"))
    needles.add_people([lost, kept])
    async with _away(desk.system, "registration.persons"):
        answer = await desk.registration.post("/v1/families", json=lost)
        assert answer.status_code == 500
        assert answer.json()["correlation_id"] == answer.headers["x-correlation-id"]
    async with _away(desk.system, "notifications.contacts"):
        await desk.register(kept)
        await _parked(desk.system, "notifications.contacts.dead", 5)


@asynccontextmanager
async def _away(system: System, table: str) -> AsyncIterator[None]:
    name = table.partition(".")[2]
    async with system.database() as database:
        await database.execute(f"ALTER TABLE {table} RENAME TO {name}_away")
        try:
            yield
        finally:
            await database.execute(f"ALTER TABLE {table}_away RENAME TO {name}")


async def _parked(system: System, queue: str, count: int) -> None:
    async def look() -> None:
        async with system.broker() as channel:
            found = await channel.declare_queue(queue, passive=True)
        assert (found.declaration_result.message_count or 0) >= count

    await eventually(look, 30)


def _browser(system: System) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=system.urls["registration"], trust_env=False)
