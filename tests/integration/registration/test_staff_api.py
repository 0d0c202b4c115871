"""Staff accounts over HTTP: signing in, what a token may do, and how it ends at once."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.registration.staff.domain import Account
from tests.integration.registration.accounts import PASSWORD, Accounts
from tests.support import bodies
from tests.system import System


@pytest.fixture(scope="module")
async def staff(alone: System) -> AsyncIterator[Accounts]:
    async with Accounts.of(alone) as made:
        yield made


@pytest.fixture
async def api(alone: System) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    url = alone.urls["registration"]
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
async def operator(alone: System) -> AsyncIterator[httpx.AsyncClient]:
    async with alone.client("registration", "operator") as client:
        yield client


async def sign_in(api: httpx.AsyncClient, account: Account) -> dict[str, Any]:
    answer = await api.post(
        "/v1/sign-in", json={"login": account.staff.login, "password": PASSWORD}
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def slug(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["type"]).removeprefix("urn:qayidis:problem:")


async def test_a_member_of_the_staff_registers_a_family_under_their_own_name(
    alone: System, staff: Accounts, api: httpx.AsyncClient
) -> None:
    account = await staff.add("registrar")
    signed_in = await sign_in(api, account)
    assert signed_in["staff"]["login"] == account.staff.login
    assert signed_in["expires_in"] == 600
    headers = bearer(signed_in["access_token"])
    made = await api.post("/v1/families", json=bodies.household(bodies.place(), 1), headers=headers)
    assert made.status_code == 201
    async with alone.database() as database:
        actor = await database.fetchval(
            "SELECT actor FROM registration.audit_entries WHERE subject_id = $1",
            made.json()["id"],
        )
    assert actor == f"staff:{account.staff.id}"
    me = await api.get("/v1/staff/me", headers=headers)
    assert me.json() == signed_in["staff"]


async def test_a_role_that_is_not_had_is_refused(staff: Accounts, api: httpx.AsyncClient) -> None:
    signed_in = await sign_in(api, await staff.add("auditor"))
    headers = bearer(signed_in["access_token"])
    made = await api.post("/v1/families", json=bodies.household(bodies.place(), 1), headers=headers)
    assert made.status_code == 403
    assert (await api.get("/v1/staff", headers=headers)).status_code == 403


async def test_signing_out_ends_the_token_at_once(staff: Accounts, api: httpx.AsyncClient) -> None:
    account = await staff.add("registrar")
    first, second = await sign_in(api, account), await sign_in(api, account)
    body = {"session_token": first["session_token"]}
    assert (await api.post("/v1/sign-out", json=body)).status_code == 204
    assert (await api.post("/v1/sign-out", json=body)).status_code == 204
    assert (await api.post("/v1/sign-in/refresh", json=body)).status_code == 401
    assert (await api.post("/v1/sign-out-everywhere", json=body)).status_code == 401
    gone = await api.get("/v1/families", headers=bearer(first["access_token"]))
    assert gone.status_code == 401
    assert gone.json()["detail"] == "This session has ended. Sign in again."
    there = await api.get("/v1/families", headers=bearer(second["access_token"]))
    assert there.status_code == 200
    everywhere = await api.post(
        "/v1/sign-out-everywhere", json={"session_token": second["session_token"]}
    )
    assert everywhere.json() == {"sessions": 1}
    gone = await api.get("/v1/families", headers=bearer(second["access_token"]))
    assert gone.status_code == 401


async def test_an_ended_session_gets_no_kept_answer(
    staff: Accounts, api: httpx.AsyncClient
) -> None:
    signed_in = await sign_in(api, await staff.add("registrar"))
    headers = {**bearer(signed_in["access_token"]), "Idempotency-Key": str(uuid4())}
    body = bodies.household(bodies.place(), 1)
    assert (await api.post("/v1/families", json=body, headers=headers)).status_code == 201
    await api.post("/v1/sign-out", json={"session_token": signed_in["session_token"]})
    assert (await api.post("/v1/families", json=body, headers=headers)).status_code == 401


async def test_a_refreshed_token_has_the_rights_of_now(
    staff: Accounts, api: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    account = await staff.add("registrar")
    signed_in = await sign_in(api, account)
    body = {"session_token": signed_in["session_token"]}
    again = await api.post("/v1/sign-in/refresh", json=body)
    assert again.status_code == 200
    assert (
        await api.get("/v1/families", headers=bearer(again.json()["access_token"]))
    ).status_code == 200
    changed = await operator.patch(
        f"/v1/staff/{account.staff.id}", json={"roles": ["auditor"]}, headers={"If-Match": '"1"'}
    )
    assert changed.status_code == 200
    assert (await api.post("/v1/sign-in/refresh", json=body)).status_code == 401
    old = await api.get("/v1/families", headers=bearer(again.json()["access_token"]))
    assert old.status_code == 401


async def test_an_operator_gives_changes_and_disables_an_account(
    api: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    login = f"new-{uuid4().hex[:8]}"
    new = {"login": login.upper(), "name": "Vüqar", "roles": ["registrar"], "district": "AZ-BAR"}
    made = await operator.post("/v1/staff", json=new)
    assert made.status_code == 201, made.text
    assert made.headers["ETag"] == '"1"'
    account = made.json()
    assert account["login"] == login
    credentials = {"login": login, "password": account["temporary_password"]}
    signed_in = (await api.post("/v1/sign-in", json=credentials)).json()

    place = made.headers["Location"]
    read = await operator.get(place)
    assert "temporary_password" not in read.json()
    assert (await operator.post("/v1/staff", json=new)).status_code == 409
    stale = await operator.patch(place, json={"disabled": True}, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    disabled = await operator.patch(place, json={"disabled": True}, headers={"If-Match": '"1"'})
    assert disabled.json()["disabled_at"]
    gone = await api.get("/v1/families", headers=bearer(signed_in["access_token"]))
    assert gone.status_code == 401
    refused = await api.post("/v1/sign-in", json=credentials)
    assert slug(refused) == "wrong-credentials"
    enabled = await operator.patch(place, json={"disabled": False}, headers={"If-Match": '"2"'})
    assert enabled.json()["disabled_at"] is None
    assert (await api.post("/v1/sign-in", json=credentials)).status_code == 200

    reset = await operator.post(f"{place}/password", json={})
    assert (await api.post("/v1/sign-in", json=credentials)).status_code == 401
    credentials["password"] = reset.json()["temporary_password"]
    assert (await api.post("/v1/sign-in", json=credentials)).status_code == 200
    assert (await operator.post(f"{place}/sign-out")).json() == {"sessions": 1}
    listed = await operator.get("/v1/staff", params={"limit": 200, "disabled": False})
    assert login in [each["login"] for each in listed.json()["items"]]


async def test_accounts_page_by_login(staff: Accounts, operator: httpx.AsyncClient) -> None:
    for _ in range(3):
        await staff.add("auditor")
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await operator.get("/v1/staff", params=params)).json()
        seen += [each["login"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(set(seen))
    assert len(seen) >= 3


async def test_the_last_operator_cannot_lock_everybody_out(
    alone: System, staff: Accounts, operator: httpx.AsyncClient
) -> None:
    account = await staff.add("operator")
    async with alone.database() as database:
        await database.execute(
            "UPDATE registration.staff SET disabled_at = now() "
            "WHERE 'operator' = ANY(roles) AND id <> $1",
            account.staff.id,
        )
    for change in ({"disabled": True}, {"roles": ["registrar"]}):
        answer = await operator.patch(
            f"/v1/staff/{account.staff.id}", json=change, headers={"If-Match": '"1"'}
        )
        assert (answer.status_code, slug(answer)) == (409, "last-operator")


async def test_one_changes_ones_own_password_by_knowing_it(
    staff: Accounts, api: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    account = await staff.add("registrar")
    headers = bearer((await sign_in(api, account))["access_token"])
    place = "/v1/staff/me/password"
    other = "seven-doors-of-the-old-town"
    wrong = {"password": "wrong", "new_password": other}
    assert (await api.post(place, json=wrong, headers=headers)).status_code == 401
    weak = {"password": PASSWORD, "new_password": "Password1234"}
    refused = await api.post(place, json=weak, headers=headers)
    assert refused.json()["errors"][0]["field"] == "new_password"
    same = {"password": PASSWORD, "new_password": PASSWORD}
    assert (await api.post(place, json=same, headers=headers)).status_code == 422
    elsewhere = bearer((await sign_in(api, account))["access_token"])
    right = {"password": PASSWORD, "new_password": other}
    assert (await api.post(place, json=right, headers=headers)).status_code == 204
    assert (await api.get("/v1/staff/me", headers=headers)).status_code == 200
    assert (await api.get("/v1/staff/me", headers=elsewhere)).status_code == 401
    credentials = {"login": account.staff.login, "password": other}
    assert (await api.post("/v1/sign-in", json=credentials)).status_code == 200
    assert (await operator.get("/v1/staff/me")).status_code == 403
    assert (await operator.post(place, json=right)).status_code == 403


@pytest.mark.parametrize(
    ("login", "password", "status", "field"),
    [
        ("a" * 10_000, "x", 422, "login"),
        ("a\0b", "x", 422, "login"),
        ("", "x", 422, "login"),
        ("somebody", "x" * 10_000, 422, "password"),
        ("somebody", "a\0b", 422, "password"),
        ("somebody", "", 422, "password"),
        ("' OR 1=1 --", "x", 401, None),
        ("Əliyev", "şifrə", 401, None),
        ("\u202eadmin", "x", 401, None),
        (None, "x", 422, "login"),
        (["a"], "x", 422, "login"),
    ],
)
async def test_hostile_credentials_get_a_clear_answer(
    api: httpx.AsyncClient, login: Any, password: Any, status: int, field: str | None
) -> None:
    answer = await api.post("/v1/sign-in", json={"login": login, "password": password})
    assert answer.status_code == status
    assert slug(answer) == ("wrong-credentials" if status == 401 else "invalid")
    if field:
        assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_hostile_bodies_and_half_letters_are_refused(api: httpx.AsyncClient) -> None:
    surrogate = b'{"login": "\\ud800", "password": "x"}'
    for content in (surrogate, b"[]", b"{", b'{"login": "\xff", "password": "x"}'):
        answer = await api.post(
            "/v1/sign-in", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in {400, 422}, answer.text
    large = await api.post("/v1/sign-in", content=b"x" * 2_000_000)
    assert large.status_code == 413
    for token in ("ə", "a b", "", "x" * 500, 'x"; DROP TABLE staff'):
        answer = await api.post("/v1/sign-in/refresh", json={"session_token": token})
        assert answer.status_code == 422
    unknown = await api.post("/v1/sign-in/refresh", json={"session_token": "x" * 43})
    assert unknown.status_code == 401


async def test_the_key_set_is_public_and_holds_no_secret(api: httpx.AsyncClient) -> None:
    answer = await api.get("/.well-known/jwks.json")
    assert answer.status_code == 200
    keys = answer.json()["keys"]
    assert [key["qayidis_signer"] for key in keys] == ["operator", "staff"]
    assert "d" not in json.dumps([sorted(key) for key in keys]).split('"')


async def test_five_wrong_passwords_over_http_lock_the_login(
    staff: Accounts, api: httpx.AsyncClient
) -> None:
    account = await staff.add("registrar")
    wrong = {"login": account.staff.login, "password": "not it"}
    assert [(await api.post("/v1/sign-in", json=wrong)).status_code for _ in range(5)] == [401] * 5
    right = {"login": account.staff.login, "password": PASSWORD}
    locked = await api.post("/v1/sign-in", json=right)
    assert (locked.status_code, slug(locked)) == (423, "locked")
    assert locked.json()["until"]
