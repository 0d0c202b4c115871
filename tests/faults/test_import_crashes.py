"""Imports under `kill -9`: at every step, again and again, and no family is there twice."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from deploy.bootstrap.accounts import Administrator, Passwords
from tests.support.lists import Row, as_csv, checked, rows, until
from tests.support.waiting import eventually
from tests.system import System, unique_name, whole_system


@pytest.fixture(scope="module")
def killed(
    administrator: Administrator,
    passwords: Passwords,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    """A registration service of its own, to be killed."""
    root: Path = tmp_path_factory.mktemp("imports")
    with whole_system(
        administrator,
        passwords,
        root,
        unique_name("imports"),
        template=template,
        started=["registration"],
    ) as system:
        yield system


@pytest.fixture
async def registrar(killed: System) -> AsyncIterator[httpx.AsyncClient]:
    yield killed.client("registration", "registrar")
    await killed.close_clients()


async def count(system: System, query: str, *values: object) -> int:
    async with system.database() as database:
        return int(await database.fetchval(query, *values))


async def families_of(system: System, settlement: str) -> int:
    query = "SELECT count(*) FROM registration.families WHERE residence_settlement = $1"
    return await count(system, query, settlement)


async def crash(system: System) -> None:
    await system.kill9("registration")
    await system.restart("registration")


async def test_a_crash_in_the_middle_of_an_upload_leaves_nothing(
    killed: System, registrar: httpx.AsyncClient
) -> None:
    content = as_csv(rows(6_000, 1))
    request = registrar.build_request("POST", "/v1/imports", files={"file": ("a.csv", content)})
    body = b"".join([part async for part in request.stream])  # type: ignore[union-attr]
    port = killed.ports["registration"]
    lines = [f"{name}: {value}" for name, value in request.headers.items()]
    head = "\r\n".join(["POST /v1/imports HTTP/1.1", *lines, "", ""])
    with socket.create_connection(("127.0.0.1", port)) as open_socket:
        open_socket.sendall(head.encode() + body[: len(body) // 2])
        pieces = "SELECT count(*) FROM registration.import_pieces"

        async def some() -> None:
            assert await count(killed, pieces) > 0

        await eventually(some, 10)
        await crash(killed)
    assert (await registrar.get("/v1/imports")).json()["items"] == []
    made = await checked(registrar, content)
    assert made["counts"]["good_families"] == 6_000


async def test_crashes_in_the_dry_run_leave_one_result(
    killed: System, registrar: httpx.AsyncClient
) -> None:
    answer = await registrar.post("/v1/imports", files={"file": ("b.csv", as_csv(rows(5_000, 1)))})
    id_ = answer.json()["id"]
    for staged in (0, 1_000, 2_000):
        await reached(registrar, id_, "checking", "rows", staged)
        await crash(killed)
    done = await until(registrar, id_, "checked", seconds=60)
    assert (done["counts"]["rows"], done["counts"]["good_families"]) == (5_000, 5_000)
    staged_rows = "SELECT count(*) FROM registration.import_rows WHERE import_id = $1"
    assert await count(killed, staged_rows, id_) == 5_000


async def test_crashes_in_the_commit_never_make_a_second_family(
    killed: System, registrar: httpx.AsyncClient
) -> None:
    at = f"Kənd {uuid4().hex[:8]}"
    made = await checked(registrar, as_csv(rows(2_000, 2, Yaşadığı_yer=at)))
    id_ = made["id"]
    assert (await registrar.post(f"/v1/imports/{id_}/commit")).status_code == 200
    for written in (0, 1, 300, 600, 1_000):
        await reached(registrar, id_, "committing", "written", written)
        await crash(killed)
        # A second click after the crash is one more way to make a second family.
        again = await registrar.post(f"/v1/imports/{id_}/commit")
        assert again.json()["counts"]["written"] == await families_of(killed, at)
    done = await until(registrar, id_, "committed", seconds=120)
    assert done["counts"]["written"] == 2_000
    assert await families_of(killed, at) == 2_000
    told = """SELECT count(*) FROM registration.outbox o JOIN registration.families f
        ON f.id::text = o.subject WHERE f.residence_settlement = $1"""
    assert await count(killed, told, at) == 2_000


async def reached(client: httpx.AsyncClient, id_: str, state: str, name: str, least: int) -> None:
    """Wait until an import is at work and so far, or beyond."""
    until_ = time.monotonic() + 60
    while time.monotonic() < until_:
        found: Row = (await client.get(f"/v1/imports/{id_}")).json()
        if found["state"] == state and found["counts"][name] >= least:
            return
        assert found["state"] in {state, "waiting"}, found
        await asyncio.sleep(0.01)
    raise AssertionError(found)
