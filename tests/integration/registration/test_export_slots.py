"""Lists that nobody reads on: they leave the service to everybody else."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from tests.integration.registration.hearing import refused, wrong_fields
from tests.support.bodies import household, place
from tests.support.waiting import eventually
from tests.system import System

PATH = "/v1/exports/families"
WHY = {"reason": "Hesabat üçün"}
AT_ONCE = 2
MORE_THAN_CONNECTIONS = 12


@pytest.fixture(scope="module")
async def long_list(alone: System) -> AsyncIterator[None]:
    """More families than fit between a service and who does not read."""
    async with alone.database() as database:
        await database.execute(
            """INSERT INTO registration.families (id, version, origin_district, origin_settlement,
                residence_district, residence_settlement)
            SELECT gen_random_uuid(), 1, 'AZ-AGM', repeat('x', 5000), 'AZ-BAR', 'Uzun siyahı'
            FROM generate_series(1, 6000)"""
        )
        yield
        await database.execute(
            "DELETE FROM registration.families WHERE residence_settlement = 'Uzun siyahı'"
        )


@asynccontextmanager
async def stalled(
    client: httpx.AsyncClient, url: str | None = None
) -> AsyncIterator[tuple[int, socket.socket]]:
    """Ask for a list, read the first bytes of the answer and no more; gives its status."""
    server = urlsplit(url or str(client.base_url))
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.setblocking(False)
        await loop.sock_connect(connection, (server.hostname, server.port))
        request = (
            f"GET {PATH}?reason=x HTTP/1.1\r\nHost: {server.netloc}\r\n"
            f"Authorization: {client.headers['Authorization']}\r\n\r\n"
        )
        await loop.sock_sendall(connection, request.encode())
        async with asyncio.timeout(10):
            begun = await loop.sock_recv(connection, 64)
        yield int(begun.split(b" ")[1]), connection


async def taken_out(client: httpx.AsyncClient) -> None:
    """Take a short list out."""
    query = {**WHY, "event_id": str(uuid4())}
    answer = await client.get("/v1/exports/enrolments", params=query)
    assert answer.status_code == 200, answer.text


@pytest.mark.usefixtures("long_list")
async def test_many_who_do_not_read_stop_nobody_elses_work(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    async with AsyncExitStack() as stack:
        given = [
            (await stack.enter_async_context(stalled(registrar)))[0]
            for _ in range(MORE_THAN_CONNECTIONS)
        ]
        assert given == [200] * AT_ONCE + [503] * (MORE_THAN_CONNECTIONS - AT_ONCE)
        busy = await registrar.get(PATH, params=WHY)
        refused(busy, 503, "exports-busy")
        assert busy.headers["content-type"] == "application/problem+json"
        assert int(busy.headers["retry-after"]) > 0
        async with asyncio.timeout(10):
            assert (await registrar.get("/health/ready")).status_code == 200
            made = await registrar.post("/v1/families", json=household(place(), 1))
            assert made.status_code == 201
            found = await registrar.get(f"/v1/families/{made.json()['id']}")
            assert found.status_code == 200
    # They went away.
    await eventually(lambda: taken_out(registrar), 5)


@pytest.mark.usefixtures("long_list")
async def test_who_reads_no_more_is_cut_off(registrar: httpx.AsyncClient, alone: System) -> None:
    hasty = {**alone.settings, "REGISTRATION_EXPORTS_STALL_SECONDS": "1"}
    with replace(alone, settings=hasty).twin("registration") as (_, url):
        async with (
            httpx.AsyncClient(
                base_url=url, headers=registrar.headers, trust_env=False, timeout=30
            ) as client,
            stalled(client) as (first, connection),
            stalled(client) as (second, _other),
        ):
            assert (first, second) == (200, 200)
            refused(await client.get(PATH, params=WHY), 503, "exports-busy")
            await eventually(lambda: taken_out(client), 10)
            # What was sent of the list does not look like the whole.
            assert not (await rest(connection)).endswith(b"0\r\n\r\n")
            # Who is slow, but reads, gets all.
            async with client.stream("GET", PATH, params=WHY) as answer:
                size = 0
                async for piece in answer.aiter_raw(5_000_000):
                    size += len(piece)
                    await asyncio.sleep(0.3)
            assert size > 6_000 * 5_000
    async with alone.database() as database:
        broken = await database.fetchval(
            """SELECT count(*) FROM registration.audit_entries AS begun
            JOIN registration.audit_entries AS ended USING (subject_id)
            WHERE begun.action = 'export.begun' AND begun.reason = 'x'
            AND ended.action = 'export.broken_off'"""
        )
    assert broken >= AT_ONCE


async def rest(connection: socket.socket) -> bytes:
    """Read to the end; gives the last bytes."""
    loop, end = asyncio.get_running_loop(), b""
    async with asyncio.timeout(30):
        while piece := await loop.sock_recv(connection, 1_000_000):
            end = (end + piece)[-16:]
    return end


async def test_a_slot_is_given_back_however_an_export_ends(
    registrar: httpx.AsyncClient, alone: System
) -> None:
    organiser, nobody = alone.client("registration", "organiser"), alone.client("registration")
    for _ in range(AT_ONCE + 1):
        assert wrong_fields(await registrar.get(PATH)) == ["reason"]
        assert wrong_fields(await registrar.get("/v1/exports/nothing", params=WHY)) == ["list"]
        refused(await organiser.get(PATH, params=WHY), 403, "forbidden")
        assert (await nobody.get(PATH, params=WHY)).status_code == 401
        answer = await registrar.get("/v1/exports/attendance", params=WHY)
        assert wrong_fields(answer) == ["event_id"]
    async with alone.database() as database:
        broken = uuid4()
        await database.execute(
            """INSERT INTO registration.families (id, version, origin_district, origin_settlement,
                residence_district, residence_settlement, residence_address_sealed)
            VALUES ($1, 1, 'AZ-AGM', 'x', 'AZ-BAR', 'x', 'not sealed')""",
            broken,
        )
        try:
            for _ in range(AT_ONCE + 1):
                with pytest.raises(httpx.RemoteProtocolError):
                    await registrar.get(PATH, params=WHY)
        finally:
            await database.execute("DELETE FROM registration.families WHERE id = $1", broken)
    await taken_out(registrar)


async def test_the_document_tells_of_it(registrar: httpx.AsyncClient) -> None:
    document = (await registrar.get("/openapi.json")).json()
    for path in ("/v1/exports/{list}", "/v1/imports/{import_id}/bad-rows"):
        busy = document["paths"][path]["get"]["responses"]["503"]
        assert "exports-busy" in busy["description"]
        assert "Retry-After" in busy["headers"]
        assert "application/problem+json" in busy["content"]
