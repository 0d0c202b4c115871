"""Every operation of the three documents, fuzzed: no 5xx, and no answer outside the document."""

import asyncio
import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings, strategies
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from deploy.bootstrap.accounts import SERVICES, Administrator, Passwords
from deploy.cli.tokens import issue_token
from deploy.local.handset.receipts import sign
from tests.support import bodies, lists
from tests.support.bodies import Body
from tests.support.dead_letters import park
from tests.support.desk import Desk, answered
from tests.support.family_lives import Lives, lives
from tests.support.injection import message
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System, unique_name, whole_system

EVERY_ROLE = ("registrar", "organiser", "auditor", "operator")

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]

BOUNDED = settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Found:
    """What is really there."""

    families: list[Body]
    events: list[Body]
    ending: list[Body]
    enrolments: list[Body]
    seated: list[Body]
    texts: list[Body]
    accounts: list[Body]
    consents: list[Body]
    erasures: list[Body]
    cases: list[Body]
    conflicts: list[Body]
    lists: dict[str, list[str]]
    waiting: dict[str, list[str]]
    lives: Lives

    @property
    def known(self) -> dict[str, list[str]]:
        """Values that lead somewhere, by the path parameter that takes them."""
        return {
            "ref": self.waiting["GET /v1/dead-letters/{ref} ref"],
            "family_id": [each["id"] for each in self.families],
            "event_id": [each["id"] for each in self.events],
            "enrolment_id": [each["id"] for each in self.enrolments],
            "provider": ["handset"],
            "staff_id": [each["id"] for each in self.accounts],
            "person_id": [each["members"][0]["id"] for each in self.families[:8]],
            "erasure_id": [each["id"] for each in self.erasures],
            "import_id": [each for many in self.lists.values() for each in many],
            # Each can be committed, paused, resumed and cancelled once.
            **{
                f"POST /v1/imports/{{import_id}}/{act} import_id": ids
                for act, ids in self.lists.items()
            },
            "PATCH /v1/imports/{import_id} import_id": self.lists["change"],
            "consent_id": [each["id"] for each in self.consents],
            f"GET {_RECEIPT} family_id": [each["family_id"] for each in self.consents],
            "case_id": [each["id"] for each in self.cases[2:]],
            "POST /v1/duplicates/{case_id}/dismiss case_id": [
                each["id"] for each in self.cases[:2]
            ],
            "conflict_id": [each["conflict_id"] for each in self.conflicts],
            # Only what no other operation has ended can be completed.
            "POST /v1/events/{event_id}/complete event_id": [each["id"] for each in self.ending],
            **self.waiting,
            **self.lives.known,
        }


@dataclass
class Fuzzed:
    """The system that is fuzzed, what is really there, and a session with every role."""

    system: System
    known: dict[str, list[str]]
    right: dict[str, Callable[[], Body]]
    session: requests.Session
    count: int = 0
    versions: dict[str, int] = field(default_factory=lambda: defaultdict(lambda: 1))
    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def call(self, case: Case[Any]) -> None:
        """Make one call, every other one nearly right, and check the answer."""
        self.count += 1
        if self.count % 2:
            self._aim(case)
        answer = case.call_and_validate(
            session=self.session, headers=self._own_headers(case), checks=CHECKS
        )
        self.statuses[case.operation.label][answer.status_code] += 1
        if answer.status_code == 412 and "version" in answer.json():
            self.versions[case.formatted_path] = answer.json()["version"]

    def _own_headers(self, case: Case[Any]) -> dict[str, str]:
        """What is about the caller is only answered to a member of the staff."""
        if self.count % 2 == 0 or not case.path.startswith("/v1/staff/me"):
            return {}
        return {"Authorization": f"Bearer {signed_in(self.system)['access_token']}"}

    def _aim(self, case: Case[Any]) -> None:
        """Make a case one about something that is there, with one field of it left as it was."""
        case.headers.pop("Authorization", None)
        for name in case.path_parameters.keys() & self.known.keys():
            choices = self.known.get(f"{case.operation.label} {name}", self.known[name])
            case.path_parameters[name] = choices[self.count // 2 % len(choices)]
        if any(each.name.lower() == "if-match" for each in case.operation.headers):
            case.headers["If-Match"] = f'"{self.versions[case.formatted_path]}"'
        if case.operation.label not in self.right:
            return
        right = self.right[case.operation.label]()
        typed = case.body if isinstance(case.body, dict) else {}
        both = sorted(typed.keys() & right.keys())
        if both and self.count % 4 == 1:
            name = both[self.count // 4 % len(both)]
            right[name] = typed[name]
        case.body = right
        if "receipts" in case.path:
            content = json.dumps(right).encode()
            case.headers["X-Signature"] = sign(content, self.system.around.receipt_secret)


@pytest.fixture(scope="module")
def fuzzed(
    administrator: Administrator,
    passwords: Passwords,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Fuzzed]:
    """A system of its own, since it fills with nonsense."""
    root, name = tmp_path_factory.mktemp("openapi"), unique_name("openapi")
    with whole_system(administrator, passwords, root, name, template=template) as system:
        found = asyncio.run(something_to_find(system))
        with requests.Session() as session:
            token = issue_token(EVERY_ROLE, keys_folder=system.around.keys_folder)
            session.headers["Authorization"] = f"Bearer {token}"
            session.headers["X-Reason"] = "tests"
            yield Fuzzed(system, found.known, right_bodies(system, found), session)


async def something_to_find(system: System) -> Found:
    """Make families, events in every status, enrolments and notifications."""
    desk, at = Desk(system), bodies.place()
    families = [await desk.register(bodies.household(at, 2)) for _ in range(9)]
    events = [await desk.publish(bodies.event(at, capacity=6)) for _ in range(4)]
    ending = [await desk.publish(bodies.event(at)) for _ in range(2)]
    drafts = [
        await answered(desk.events.post("/v1/events", json=bodies.event(at))) for _ in range(9)
    ]
    enrolments = [await desk.enrol(events[0]["id"], each) for each in families[:4]]
    seated = [await desk.enrol(events[2]["id"], each) for each in families[:3]]
    await desk.act(events[3]["id"], "cancel", {"reason": bodies.reason()})
    texts = await desk.settled(9, event_id=events[1]["id"])
    operator = system.client("registration", "operator")
    accounts = [await answered(operator.post("/v1/staff", json=account(n))) for n in range(3)]
    await answered(operator.post("/v1/staff", json=MEMBER))
    path = f"/v1/families/{families[0]['id']}/consents"
    consents = [await answered(desk.registration.post(path, json=_CONSENT))]
    cases = await likely_duplicates(desk)
    conflicts = await unknown_tickets(desk, events[0])
    found_lists = await lists_to_find(system)
    waiting = await waiting_for_an_answer(desk, families)
    # Nobody else deletes these drafts.
    publish = "POST /v1/events/{event_id}/publish event_id"
    waiting |= {publish: [each["id"] for each in drafts[6:]]}
    # Nobody else gives these seats up.
    ticketed = await desk.enrol(events[2]["id"], families[7])
    waiting |= {f"{label} enrolment_id": [ticketed["id"]] for label in _TICKETS}
    waiting |= await dead_letters(system)
    changing = await lives(desk)
    erasing = {**_ERASURE, "family_id": families[8]["id"]}
    erasures = [await answered(desk.registration.post("/v1/erasures", json=erasing))]
    await system.close_clients()
    known_events = [*events, *drafts[:6]]
    made = (enrolments, seated, texts, accounts, consents, erasures, cases, conflicts)
    return Found(
        families, known_events, ending, *made, lists=found_lists, waiting=waiting, lives=changing
    )


async def dead_letters(system: System) -> dict[str, list[str]]:
    """Dead letters of both services that read queues: to be read, replayed and dropped."""
    known: dict[str, list[str]] = {}
    for service, queue in (
        ("registration", "registration.events"),
        ("notifications", "notifications.events"),
    ):
        stories = [Story() for _ in range(6)]
        await park(system, [message(each.published(), each.event, 1) for each in stories], queue)
        operator = system.client(service, "operator")
        listed = await answered(operator.get("/v1/dead-letters"))
        refs = [each["ref"] for each in listed["items"]]
        for number, label in enumerate(_DEAD_LETTERS):
            known.setdefault(f"{label} ref", []).extend(refs[2 * number : 2 * number + 2])
    return known


async def unknown_tickets(desk: Desk, event: Body) -> list[Body]:
    """Bring check-ins that nobody can record, which are conflicts."""
    arrivals = [
        {
            "ticket": "NOBODY",
            "person_ids": [str(uuid4())],
            "nonce": str(number),
            "at": datetime.now(UTC).isoformat(),
        }
        for number in range(40)
    ]
    body = {"desk": "door", "event_id": event["id"], "check_ins": arrivals}
    synced = await answered(desk.registration.post("/v1/check-ins/sync", json=body))
    items: list[Body] = synced["items"]
    return items


async def waiting_for_an_answer(desk: Desk, families: list[Body]) -> dict[str, list[str]]:
    """Enrolments that have an offer, or that staff may seat, and an event with groups."""
    at, rule = bodies.place(), {"offer_hours": 24, "district_caps": {}}
    known = {}
    for action in ("accept", "decline"):
        event = await desk.publish(bodies.event(at, capacity=2, seating=rule))
        seated, waits = [await desk.enrol(event["id"], each) for each in families[4:6]]
        await desk.give_up(seated)
        known[f"POST /v1/enrolments/{{enrolment_id}}/{action} enrolment_id"] = [waits["id"]]
    capped = {"district_caps": {families[6]["origin"]["district"]: 1}}
    event = await desk.publish(bodies.event(at, seating=capped))
    waits = await desk.enrol(event["id"], families[6])
    known["POST /v1/enrolments/{enrolment_id}/seat enrolment_id"] = [waits["id"]]
    event = await desk.publish(bodies.event(at))
    await desk.enrol(event["id"], families[4])
    path = f"/v1/events/{event['id']}/groups"
    await answered(desk.registration.post(path, json={"count": 1}))
    for label in ("POST", "GET"):
        known[f"{label} /v1/events/{{event_id}}/groups event_id"] = [event["id"]]
    known["GET /v1/events/{event_id}/groups/print event_id"] = [event["id"]]
    return known


async def likely_duplicates(desk: Desk) -> list[Body]:
    """Register four people twice, and wait for the cases."""
    at, ours = bodies.place(), set[str]()
    for name in ("Solmaz", "Firudin", "Təranə", "Zülfüqar"):
        known = bodies.person(given_name=name, fin=None)
        for _ in range(2):
            ours.add((await desk.register(bodies.family(at, {**known})))["id"])

    async def look() -> list[Body]:
        listed = await desk.registration.get("/v1/duplicates", params={"limit": 200})
        # Families that others change may be alike no more.
        cases = [case for case in listed.json()["items"] if ours.issuperset(case["families"])]
        assert len(cases) >= 4
        return cases

    return await eventually(look)


async def lists_to_find(system: System) -> dict[str, list[str]]:
    """Uploaded lists, by what is to be done to them."""
    client = system.client("registration", "registrar")
    acts = ("commit", "pause", "resume", "cancel", "change")
    found = {
        act: [(await lists.checked(client, lists.as_csv(lists.rows(1))))["id"] for _ in range(2)]
        for act in acts
    }
    async with system.database() as database:
        await database.execute(
            "UPDATE registration.imports SET state = 'paused' WHERE id = any($1)",
            [*found["pause"], *found["resume"]],
        )
    return found


MEMBER = {
    "login": "the.member",
    "name": "Kəmalə",
    "roles": ["auditor"],
    "password": "four-lamps-by-the-canal",
}


def account(number: int) -> Body:
    """An account of the staff to be fuzzed."""
    return {"login": f"account.{number}", "name": "Vüqar", "roles": ["registrar"]}


def signed_in(system: System) -> Body:
    """A new session of a member of the staff, who has the first password again."""
    token = issue_token(["operator"], keys_folder=system.around.keys_folder)
    headers = {"Authorization": f"Bearer {token}"}
    url, password = system.urls["registration"], MEMBER["password"]
    listed = requests.get(f"{url}/v1/staff?limit=200", headers=headers, timeout=30).json()
    mine = next(each for each in listed["items"] if each["login"] == MEMBER["login"])
    for place, body in (
        (f"/v1/staff/{mine['id']}/password", {"password": password}),
        ("/v1/sign-in", {"login": MEMBER["login"], "password": password}),
    ):
        answer = requests.post(f"{url}{place}", json=body, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
    session: Body = answer.json()
    return session


def right_bodies(system: System, found: Found) -> dict[str, Callable[[], Body]]:
    """Bodies that are right, of the operations that random ones hardly ever are right for."""
    turn = itertools.count()

    def next_of(items: list[Body]) -> Body:
        return items[next(turn) % len(items)]

    def check_in() -> Body:
        enrolment = next_of(found.seated)
        return {
            "ticket": enrolment["ticket"],
            "person_ids": enrolment["person_ids"][:1],
            "nonce": f"nonce-{next(turn)}-of-tests",
            "at": datetime.now(UTC).isoformat(),
        }

    def batch() -> Body:
        return {"desk": f"desk {next(turn)}", "check_ins": [check_in()]}

    def walk_in() -> Body:
        return {
            "family_id": next_of(found.families)["id"],
            "nonce": f"walk-in-{next(turn)}",
            "at": datetime.now(UTC).isoformat(),
        }

    def enrolment() -> Body:
        event, family = found.events[1], next_of(found.families)
        return {"event_id": event["id"], "family_id": family["id"]}

    def receipt() -> Body:
        text = next_of(found.texts)
        return {"id": text["id"], "status": "delivered", "at": datetime.now(UTC).isoformat()}

    def new_time() -> Body:
        event = bodies.event(bodies.place(), days=30)
        return {**{name: event[name] for name in _TIMES}, "reason": bodies.reason()}

    def session_token() -> Body:
        return {"session_token": signed_in(system)["session_token"]}

    def credentials() -> Body:
        signed_in(system)
        return {"login": MEMBER["login"], "password": MEMBER["password"]}

    def other_password() -> Body:
        return {"password": MEMBER["password"], "new_password": "seven-doors-of-the-old-town"}

    return {
        **found.lives.right,
        "POST /v1/sign-in": credentials,
        "POST /v1/sign-in/refresh": session_token,
        "POST /v1/sign-out": session_token,
        "POST /v1/sign-out-everywhere": session_token,
        "POST /v1/staff": lambda: account(100 + next(turn)),
        "PATCH /v1/staff/{staff_id}": lambda: {"name": f"Vüqar {next(turn)}"},
        "POST /v1/staff/{staff_id}/password": lambda: {"password": MEMBER["password"]},
        "POST /v1/staff/me/password": other_password,
        "POST /v1/families": lambda: bodies.household(bodies.place(), 2),
        "POST /v1/families/check": lambda: bodies.household(bodies.place(), 2),
        "POST /v1/duplicates/{case_id}/dismiss": lambda: {"reason": "Seen both"},
        "PATCH /v1/families/{family_id}": lambda: {"residence": _RESIDENCE, "origin": _ORIGIN},
        "POST /v1/families/{family_id}/consents": lambda: dict(_CONSENT),
        "POST /v1/erasures": lambda: {**_ERASURE, "family_id": next_of(found.families[6:8])["id"]},
        "POST /v1/families/{family_id}/consents/{purpose}/withdraw": lambda: {"reason": "x"},
        "POST /v1/enrolments": enrolment,
        "POST /v1/enrolments/{enrolment_id}/seat": lambda: {"reason": "Interpreter"},
        "POST /v1/events/{event_id}/groups": lambda: {"count": 1 + next(turn) % 3},
        "POST /v1/check-ins": check_in,
        "POST /v1/check-ins/sync": batch,
        "POST /v1/check-in-conflicts/{conflict_id}/settle": lambda: {
            "decision": "rejected",
            "reason": "Nobody knows whose",
        },
        "POST /v1/events/{event_id}/walk-ins": walk_in,
        "POST /v1/events": lambda: bodies.event(bodies.place()),
        "PATCH /v1/events/{event_id}": lambda: {"capacity": 5 + next(turn) % 50},
        "POST /v1/events/{event_id}/reschedule": new_time,
        "POST /v1/events/{event_id}/cancel": lambda: {"reason": bodies.reason()},
        "POST /v1/events/{event_id}/complete": lambda: {"reason": bodies.reason()},
        "POST /v1/receipts/{provider}": receipt,
        "POST /v1/dead-letters/replay": lambda: {"queue": "notifications.events", "exception": "x"},
        "POST /v1/dead-letters/{ref}/drop": lambda: {"reason": "Not needed"},
    }


_RECEIPT = "/v1/families/{family_id}/consents/{consent_id}/receipt"
_DEAD_LETTERS = (
    "GET /v1/dead-letters/{ref}",
    "POST /v1/dead-letters/{ref}/replay",
    "POST /v1/dead-letters/{ref}/drop",
)
_TICKETS = (
    *(f"GET /v1/enrolments/{{enrolment_id}}/ticket{kind}" for kind in ("", ".pdf", ".png", ".svg")),
    "POST /v1/enrolments/{enrolment_id}/ticket/reissue",
)
_ERASURE = {"reason": "x", "basis": "court_decision"}
_CONSENT = {
    "purpose": "photographs",
    "basis": "consent",
    "given_by": "head",
    "given_on": "2026-11-02",
}
_TIMES = ("starts_at", "ends_at", "enrolment_closes_at")
_ORIGIN = {"district": "AZ-AGM", "settlement": "Novruzlu"}
_RESIDENCE = {"district": "AZ-BAR", "settlement": "Bərdə", "address": None}


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_answers_as_its_document_says(
    fuzzed: Fuzzed, service: str, subtests: pytest.Subtests
) -> None:
    config = SchemathesisConfig.from_dict({"seed": 2026})
    url = f"{fuzzed.system.urls[service]}/openapi.json"
    document = schemathesis.openapi.from_url(url, config=config)
    for found in document.get_all_operations():
        assert isinstance(found, Ok), found.err()
        operation = found.ok()
        with subtests.test(operation.label):
            fuzz(fuzzed, operation)
            seen = fuzzed.statuses[operation.label]
            assert any(200 <= status < 300 for status in seen), f"only ever refused: {seen}"


def fuzz(fuzzed: Fuzzed, operation: APIOperation[Any, Any, Any, Any]) -> None:
    """Call one operation with right and with wrong input."""
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @BOUNDED
    @given(case=strategies.one_of(right, wrong))
    def call(case: Case[Any]) -> None:
        fuzzed.call(case)

    call()
