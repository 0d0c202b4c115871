"""Staff bound to a district: another district's family is not there, on every route."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.integration.registration.accounts import PASSWORD, Accounts
from tests.integration.registration.hearing import publish_event, refused
from tests.support.bodies import Place, family, household, person
from tests.system import System

Body = dict[str, Any]
MINE, THEIRS = "AZ-BAR", "AZ-LAC"
AT_HOME, FROM_HERE, AWAY = Place("AZ-AGM", MINE), Place(MINE, "AZ-AGM"), Place(THEIRS, "AZ-SMI")


@dataclass(frozen=True)
class Ground:
    """A registrar of all districts, one of AZ-BAR, and a family of each kind with its seats."""

    everywhere: httpx.AsyncClient
    bound: httpx.AsyncClient
    event_id: UUID
    mine: Body
    theirs: Body
    my_seats: Body
    their_seats: Body


async def _made(client: httpx.AsyncClient, path: str, body: Body) -> Body:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    made: Body = answer.json()
    return made


@pytest.fixture(scope="module")
async def ground(alone: System) -> AsyncIterator[Ground]:
    everywhere = alone.client("registration", "registrar")
    async with Accounts.of(alone) as staff:
        account = await staff.add("registrar", "auditor", "organiser", district=MINE)
    bound = alone.client("registration")
    credentials = {"login": account.staff.login, "password": PASSWORD}
    signed_in = (await bound.post("/v1/sign-in", json=credentials)).json()
    bound.headers["Authorization"] = f"Bearer {signed_in['access_token']}"
    event_id = await publish_event(alone, everywhere)
    mine = await _made(everywhere, "/v1/families", household(AT_HOME, 2))
    theirs = await _made(everywhere, "/v1/families", household(AWAY, 2))
    seats = [
        await _made(
            everywhere, "/v1/enrolments", {"event_id": str(event_id), "family_id": each["id"]}
        )
        for each in (mine, theirs)
    ]
    yield Ground(everywhere, bound, event_id, mine, theirs, *seats)
    await everywhere.aclose()
    await bound.aclose()


Call = Callable[[Ground], tuple[str, str, Body | None]]

RESIDENCE = {"district": MINE, "settlement": "Bərdə", "address": None}

CALLS: dict[str, Call] = {
    "read": lambda g: ("GET", f"/v1/families/{g.theirs['id']}", None),
    "read as of": lambda g: (
        "GET",
        f"/v1/families/{g.theirs['id']}?as_of=2026-11-25T00:00:00Z",
        None,
    ),
    "history": lambda g: ("GET", f"/v1/families/{g.theirs['id']}/history", None),
    "change": lambda g: ("PATCH", f"/v1/families/{g.theirs['id']}", {"residence": RESIDENCE}),
    "birth": lambda g: ("POST", f"/v1/families/{g.theirs['id']}/births", {"member": child()}),
    "death": lambda g: (
        "POST",
        f"/v1/families/{g.theirs['id']}/deaths",
        {"person_id": g.theirs["members"][1]["id"], "died_on": "2026-11-01"},
    ),
    "move": lambda g: ("POST", f"/v1/families/{g.theirs['id']}/moves", {"residence": RESIDENCE}),
    "head": lambda g: (
        "POST",
        f"/v1/families/{g.theirs['id']}/head",
        {"person_id": g.theirs["members"][1]["id"]},
    ),
    "split": lambda g: (
        "POST",
        f"/v1/families/{g.theirs['id']}/split",
        {
            "person_ids": [g.theirs["members"][1]["id"]],
            "head_id": g.theirs["members"][1]["id"],
        },
    ),
    "join theirs to mine": lambda g: (
        "POST",
        f"/v1/families/{g.mine['id']}/join",
        {"other_family_id": g.theirs["id"]},
    ),
    "merge theirs into mine": lambda g: ("POST", "/v1/merges", merging(g.mine, g.theirs)),
    "merge mine into theirs": lambda g: ("POST", "/v1/merges", merging(g.theirs, g.mine)),
    "enrol": lambda g: (
        "POST",
        "/v1/enrolments",
        {"event_id": str(g.event_id), "family_id": g.theirs["id"]},
    ),
    "read enrolment": lambda g: ("GET", f"/v1/enrolments/{g.their_seats['id']}", None),
    "cancel": lambda g: ("POST", f"/v1/enrolments/{g.their_seats['id']}/cancel", None),
    "ticket": lambda g: ("GET", f"/v1/enrolments/{g.their_seats['id']}/ticket", None),
    "ticket drawn": lambda g: ("GET", f"/v1/enrolments/{g.their_seats['id']}/ticket.svg", None),
    "ticket as png": lambda g: ("GET", f"/v1/enrolments/{g.their_seats['id']}/ticket.png", None),
    "reissue": lambda g: (
        "POST",
        f"/v1/enrolments/{g.their_seats['id']}/ticket/reissue",
        {"reason": "İtirilib"},
    ),
    "check in": lambda g: (
        "POST",
        "/v1/check-ins",
        {
            "ticket": g.their_seats["ticket"],
            "person_ids": g.their_seats["person_ids"][:1],
            "nonce": str(uuid4()),
            "at": datetime.now(UTC).isoformat(),
        },
    ),
}


def child() -> Body:
    return person(fin=None, phone=None, birth_date="2026-11-01", relation="child")


def merging(kept: Body, merged: Body) -> Body:
    pairs = [
        {"kept_person_id": one["id"], "merged_person_id": two["id"]}
        for one, two in zip(kept["members"], merged["members"], strict=True)
    ]
    return {
        "kept_family_id": kept["id"],
        "kept_version": kept["version"],
        "merged_family_id": merged["id"],
        "merged_version": merged["version"],
        "pairs": pairs,
        "reason": "Təkrar",
    }


async def _call(client: httpx.AsyncClient, method: str, path: str, body: Body | None) -> Any:
    return await client.request(method, path, json=body, headers={"If-Match": '"1"'})


@pytest.mark.parametrize("what", CALLS)
async def test_another_districts_family_is_not_there(ground: Ground, what: str) -> None:
    answer = await _call(ground.bound, *CALLS[what](ground))
    assert answer.status_code == 404, answer.text
    assert answer.json()["type"] == "urn:qayidis:problem:not-found"
    unchanged = await ground.everywhere.get(f"/v1/families/{ground.theirs['id']}")
    assert unchanged.json() == ground.theirs
    seats = await ground.everywhere.get(f"/v1/enrolments/{ground.their_seats['id']}")
    assert seats.json() == ground.their_seats


@pytest.mark.parametrize("at", [AT_HOME, FROM_HERE], ids=["lives here", "comes from here"])
async def test_ones_own_districts_family_is_registered_read_enrolled_and_checked_in(
    ground: Ground, at: Place
) -> None:
    made = await _made(ground.bound, "/v1/families", household(at, 1))
    assert (await ground.bound.get(f"/v1/families/{made['id']}")).status_code == 200
    body = {"event_id": str(ground.event_id), "family_id": made["id"]}
    seats = await _made(ground.bound, "/v1/enrolments", body)
    arrived = {
        "ticket": seats["ticket"],
        "person_ids": seats["person_ids"],
        "nonce": str(uuid4()),
        "at": datetime.now(UTC).isoformat(),
    }
    await _made(ground.bound, "/v1/check-ins", arrived)
    cancelled = await ground.bound.post(f"/v1/enrolments/{seats['id']}/cancel")
    assert cancelled.status_code == 200


async def test_another_districts_family_is_not_registered(ground: Ground) -> None:
    answer = await ground.bound.post("/v1/families", json=household(AWAY, 1))
    assert refused(answer, 403, "other-district")["district"] == MINE


async def test_lists_and_searches_find_the_district_alone(ground: Ground) -> None:
    name = "Zülfüqarlı"
    for at in (AT_HOME, FROM_HERE, *[AWAY] * 60):
        body = family(at, person(family_name=name))
        await _made(ground.everywhere, "/v1/families", body)
    for query in (name, "Zulfuqarlı", f"Əli {name}", f"{name} Vaqif oğlu", "Zülfüqrlı"):
        params: dict[str, Any] = {"q": query, "limit": 50}
        listed = (await ground.bound.get("/v1/families", params=params)).json()["items"]
        assert len(listed) == 2, query
        found = (await ground.bound.get("/v1/search", params=params)).json()["items"]
        assert [each["family_name"] for each in found].count(name) == 2, query
        for each in [*listed, *found]:
            assert MINE in {each["origin"]["district"], each["residence"]["district"]}
    theirs = ground.theirs["members"][0]
    for term in (theirs["fin"], theirs["phone"], ground.their_seats["ticket"]):
        for path in ("/v1/families", "/v1/search"):
            params = {"q": term, "limit": 50}
            assert (await ground.everywhere.get(path, params=params)).json()["items"]
            assert not (await ground.bound.get(path, params=params)).json()["items"]
    for narrowed in ({"origin": THEIRS}, {"residence": AWAY.residence}):
        listed = (await ground.bound.get("/v1/families", params=narrowed)).json()["items"]
        assert listed == []


async def test_the_list_of_an_event_shows_the_districts_families_alone(ground: Ground) -> None:
    path = f"/v1/events/{ground.event_id}/enrolments"
    everybody = (await ground.everywhere.get(path, params={"limit": 200})).json()["items"]
    mine = (await ground.bound.get(path, params={"limit": 200})).json()["items"]
    assert ground.their_seats["id"] in [each["id"] for each in everybody]
    assert ground.my_seats["id"] in [each["id"] for each in mine]
    assert ground.their_seats["id"] not in [each["id"] for each in mine]


async def test_a_fin_of_another_districts_family_is_refused_without_naming_it(
    ground: Ground,
) -> None:
    for known, there in ((ground.theirs, None), (ground.mine, ground.mine["id"])):
        body = family(AT_HOME, person(fin=known["members"][0]["fin"]))
        answer = await ground.bound.post("/v1/families", json=body)
        assert refused(answer, 409, "fin-registered")["existing_family_id"] == there


async def test_merges_of_another_district_are_not_there(ground: Ground) -> None:
    both = [await _made(ground.everywhere, "/v1/families", household(AWAY, 1)) for _ in range(2)]
    made = await _made(ground.everywhere, "/v1/merges", merging(*both))
    assert (await ground.bound.get(f"/v1/merges/{made['id']}")).status_code == 404
    undo = {"reason": "Səhv"}
    assert (await ground.bound.post(f"/v1/merges/{made['id']}/undo", json=undo)).status_code == 404
    listed = (await ground.bound.get("/v1/merges", params={"limit": 200})).json()["items"]
    assert made["id"] not in [each["id"] for each in listed]


async def test_what_a_desk_did_offline_with_another_districts_ticket_is_a_conflict(
    ground: Ground,
) -> None:
    arrivals = [
        {
            "ticket": seats["ticket"],
            "person_ids": seats["person_ids"][:1],
            "nonce": str(uuid4()),
            "at": datetime.now(UTC).isoformat(),
        }
        for seats in (ground.my_seats, ground.their_seats)
    ]
    body = {"desk": f"desk-{uuid4().hex[:8]}", "check_ins": arrivals}
    answer = await ground.bound.post("/v1/check-ins/sync", json=body)
    assert answer.status_code == 200, answer.text
    mine, theirs = answer.json()["items"]
    assert mine["result"] == "recorded"
    assert (theirs["result"], theirs["reason"]) == ("conflict", "ticket-unknown")


async def test_a_family_may_move_away(ground: Ground) -> None:
    made = await _made(ground.bound, "/v1/families", household(AT_HOME, 1))
    place = {"residence": {"district": "AZ-BA", "settlement": "Bakı", "address": None}}
    path = f"/v1/families/{made['id']}"
    moved = await ground.bound.post(f"{path}/moves", json=place, headers={"If-Match": '"1"'})
    assert moved.status_code == 200
    assert (await ground.bound.get(path)).status_code == 404


async def test_groups_are_printed_without_another_districts_people(
    alone: System, ground: Ground
) -> None:
    event_id = await publish_event(alone, ground.everywhere)
    names = {}
    for at in (AT_HOME, AWAY):
        names[at] = f"Adı{uuid4().hex[:8]}"
        body = family(at, person(given_name=names[at]))
        made = await _made(ground.everywhere, "/v1/families", body)
        seats = {"event_id": str(event_id), "family_id": made["id"]}
        await _made(ground.everywhere, "/v1/enrolments", seats)
    path = f"/v1/events/{event_id}/groups"
    split = {"count": 2, "by": "mixed", "families": "together", "of": "confirmed"}
    await _made(ground.everywhere, path, split)
    everybody = (await ground.everywhere.get(f"{path}/print")).text
    assert names[AT_HOME] in everybody
    assert names[AWAY] in everybody
    mine = (await ground.bound.get(f"{path}/print")).text
    assert names[AT_HOME] in mine
    assert names[AWAY] not in mine


async def test_looking_before_saving_names_no_family_of_another_district(ground: Ground) -> None:
    for known, there in ((ground.theirs, None), (ground.mine, ground.mine["id"])):
        body = family(AT_HOME, person(fin=known["members"][0]["fin"]))
        looked = (await ground.bound.post("/v1/families/check", json=body)).json()
        assert [each["existing_family_id"] for each in looked["registered"]] == [there]


async def test_an_erasure_in_another_district_is_not_there(ground: Ground) -> None:
    made = await _made(ground.everywhere, "/v1/families", household(AWAY, 1))
    asked = {"family_id": made["id"], "reason": "Xahiş", "basis": "consent_withdrawn"}
    path = f"/v1/erasures/{(await _made(ground.everywhere, '/v1/erasures', asked))['id']}"
    assert (await ground.everywhere.get(path)).status_code == 200
    assert (await ground.bound.get(path)).status_code == 404


async def test_an_erasure_also_forgets_merges_with_another_districts_family(
    alone: System, ground: Ground
) -> None:
    mine, theirs = [
        await _made(ground.everywhere, "/v1/families", household(at, 1)) for at in (AT_HOME, AWAY)
    ]
    made = await _made(ground.everywhere, "/v1/merges", merging(mine, theirs))
    asked = {"family_id": mine["id"], "reason": "Xahiş", "basis": "consent_withdrawn"}
    await _made(ground.bound, "/v1/erasures", asked)
    async with alone.database() as database:
        left = await database.fetchval(
            "SELECT count(*) FROM registration.merges WHERE id = $1", UUID(made["id"])
        )
    assert left == 0
