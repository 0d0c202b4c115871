"""Signing in at a real OpenID Connect provider: npm's `oidc-provider`, which is certified."""

import html
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

from deploy.bootstrap.accounts import Administrator, Passwords
from deploy.local.ports import free_port
from services.registration.staff.domain import Account
from tests.integration.registration.accounts import Accounts
from tests.support.waiting import eventually
from tests.system import System, unique_name, whole_system

PROVIDER = Path(__file__).parent / "provider"
SESSION = "qayidis_session"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The provider's program with its packages, as the lock file names them."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are not here: install nodejs and npm to run the provider")
    folder = tmp_path_factory.mktemp("provider") / "program"
    shutil.copytree(PROVIDER, folder)
    installed = subprocess.run(
        [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if installed.returncode != 0:
        pytest.skip(f"npm cannot install oidc-provider: {installed.stderr[-300:]}")
    return folder / "provider.mjs"


@pytest.fixture(scope="module")
def issuer() -> str:
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def offices(  # noqa: PLR0917
    administrator: Administrator,
    passwords: Passwords,
    template: str,
    issuer: str,
    program: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    """The registration service of an office whose people sign in at the provider."""
    root, name = tmp_path_factory.mktemp("offices"), unique_name("offices")
    settings = {
        "REGISTRATION_OIDC_ISSUER": issuer,
        "REGISTRATION_OIDC_CLIENT_ID": "qayidis",
        "REGISTRATION_OIDC_CLIENT_SECRET": "only:for/tests%",
    }
    with whole_system(
        administrator,
        passwords,
        root,
        name,
        template=template,
        settings=settings,
        started=["registration"],
    ) as system:
        port = str(urlsplit(issuer).port)
        callback = f"{system.urls['registration']}/sign-in/oidc/callback"
        with (
            (root / "provider.log").open("wb") as log,
            subprocess.Popen(["node", program, port, callback], stdout=log, stderr=log) as running,
        ):
            yield system
            running.kill()


@pytest.fixture(scope="module")
async def provider(offices: System, issuer: str) -> str:
    """The provider's address, once it answers."""

    async def look() -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            try:
                found = await client.get(f"{issuer}/.well-known/openid-configuration")
            except httpx.TransportError as failure:
                raise AssertionError("the provider does not answer yet") from failure
            assert found.status_code == 200

    await eventually(look, 30)
    return issuer


@pytest.fixture(scope="module")
async def staff(offices: System) -> AsyncIterator[Accounts]:
    async with Accounts.of(offices) as made:
        yield made


@pytest.fixture
async def browser(offices: System, provider: str) -> AsyncIterator[httpx.AsyncClient]:
    url = offices.urls["registration"]
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as client:
        yield client


@dataclass
class Person:
    """Somebody whom the provider knows, and an account here with their e-mail."""

    name: str
    account: Account


async def somebody(staff: Accounts) -> Person:
    name = f"p{uuid4().hex[:8]}"
    account = await staff.add("registrar", password=None, email=f"{name}@example.com")
    return Person(name, account)


async def signed_at_provider(
    browser: httpx.AsyncClient, login: str, where: str = "/sign-in/oidc"
) -> str:
    """Sign in at the provider as a browser does; gives the address it sends the browser back to."""
    answer = await browser.get(where)
    assert answer.status_code == 303, answer.text
    for _ in range(12):
        url = answer.headers.get("location")
        if url is None:
            form = re.search(r'action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert form, answer.text
            assert prompt, answer.text
            fields = {"prompt": prompt[1], "login": login, "password": "anything"}
            answer = await browser.post(html.unescape(form[1]), data=fields)
            continue
        url = str(answer.url.join(url))
        if "/sign-in/oidc/callback" in url:
            return url
        answer = await browser.get(url)
    raise AssertionError(f"the provider never came back: {answer.url} {answer.text}")


async def failures(offices: System) -> list[str]:
    async with offices.database() as database:
        rows = await database.fetch(
            "SELECT details ->> 'why' AS why FROM registration.audit_entries "
            "WHERE action = 'staff.sign_in_failed' ORDER BY entry"
        )
    return [row["why"] for row in rows]


async def test_a_person_with_a_verified_address_gets_the_session_of_the_desk(
    offices: System, staff: Accounts, browser: httpx.AsyncClient
) -> None:
    person = await somebody(staff)
    begun = "/sign-in/oidc?next=/sign-in"
    answer = await browser.get(await signed_at_provider(browser, f"{person.name}@verified", begun))
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert browser.cookies.get(SESSION)
    cookie = next(each for each in answer.headers.get_list("set-cookie") if SESSION in each)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    here = await browser.get("/sign-in")
    assert here.status_code == 303  # who is signed in goes on

    async with offices.database() as database:
        acts = await database.fetch(
            "SELECT action, actor FROM registration.audit_entries WHERE subject_id = $1 "
            "ORDER BY entry",
            person.account.staff.id,
        )
    assert [row["action"] for row in acts] == ["staff.added", "staff.linked", "staff.signed_in"]
    assert acts[-1]["actor"] == f"staff:{person.account.staff.id}"


async def test_the_link_stays_when_the_address_here_changes(
    offices: System, staff: Accounts, browser: httpx.AsyncClient
) -> None:
    person = await somebody(staff)
    await browser.get(await signed_at_provider(browser, f"{person.name}@verified"))
    async with offices.database() as database:
        await database.execute(
            "UPDATE registration.staff SET email = NULL WHERE id = $1", person.account.staff.id
        )
    browser.cookies.clear()
    answer = await browser.get(await signed_at_provider(browser, f"{person.name}@verified"))
    assert answer.status_code == 303


@pytest.mark.parametrize("kind", ["unverified", "unknown", "disabled"])
async def test_who_has_no_account_here_gets_none(
    offices: System, staff: Accounts, browser: httpx.AsyncClient, kind: str
) -> None:
    person = await somebody(staff)
    await staff.add("registrar")  # and one without an e-mail, which nobody gets
    login = f"{person.name}@{'no' if kind == 'unverified' else 'verified'}"
    if kind == "unknown":
        login = f"stranger{uuid4().hex[:8]}@verified"
    if kind == "disabled":
        async with offices.database() as database:
            await database.execute(
                "UPDATE registration.staff SET disabled_at = now() WHERE id = $1",
                person.account.staff.id,
            )
    async with offices.database() as database:
        before = await database.fetchval("SELECT count(*) FROM registration.staff")
    answer = await browser.get(await signed_at_provider(browser, login))
    assert answer.status_code == 403
    assert "Burada sizin hesabınız yoxdur" in answer.text
    assert not browser.cookies.get(SESSION)
    async with offices.database() as database:
        assert await database.fetchval("SELECT count(*) FROM registration.staff") == before
    assert (await failures(offices))[-1] == "no-account"


async def test_a_wrong_state_another_browser_and_a_used_code_are_refused(
    offices: System, staff: Accounts, browser: httpx.AsyncClient
) -> None:
    person = await somebody(staff)
    back = await signed_at_provider(browser, f"{person.name}@verified")
    code = parse_qs(urlsplit(back).query)["code"][0]
    for query in (
        {"code": code, "state": "forged"},
        {"code": code},
        {"error": "access_denied"},
        {"code": "x" * 5_000, "state": "x"},
    ):
        answer = await browser.get("/sign-in/oidc/callback", params=query)
        assert answer.status_code in {403, 422}, answer.text
    async with httpx.AsyncClient(trust_env=False) as other:
        assert (await other.get(back)).status_code == 403  # a link sent to somebody else
    cookie = browser.cookies.get("qayidis_oidc")
    assert (await browser.get(back)).status_code == 303
    assert (await browser.get(back)).status_code == 403  # the try is used
    assert cookie
    replayed = await browser.get(back, headers={"Cookie": f"qayidis_oidc={cookie}"})
    assert replayed.status_code == 403
    assert "the provider refused with 400" in await failures(offices)


async def test_another_issuer_in_the_answer_is_refused(
    staff: Accounts, browser: httpx.AsyncClient
) -> None:
    person = await somebody(staff)
    back = await signed_at_provider(browser, f"{person.name}@verified")
    query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    assert "iss" in query
    query["iss"] = "https://another.example"
    answer = await browser.get("/sign-in/oidc/callback", params=query)
    assert answer.status_code == 403


async def test_the_code_is_of_no_use_without_the_verifier(
    staff: Accounts, browser: httpx.AsyncClient
) -> None:
    person = await somebody(staff)
    back = await signed_at_provider(browser, f"{person.name}@verified")
    stolen = browser.cookies.get("qayidis_oidc")
    await signed_at_provider(browser, f"{person.name}@verified")  # a try of one's own
    assert browser.cookies.get("qayidis_oidc") != stolen
    assert (await browser.get(back)).status_code == 403


async def test_where_one_comes_back_to_is_always_here(
    staff: Accounts, browser: httpx.AsyncClient
) -> None:
    person = await somebody(staff)
    begun = "/sign-in/oidc?next=https://evil.example/"
    answer = await browser.get(await signed_at_provider(browser, f"{person.name}@verified", begun))
    assert answer.headers["location"] == "/"
