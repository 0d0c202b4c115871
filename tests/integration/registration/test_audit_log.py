"""The audit log on a real Postgres: nobody edits it, and each entry has one place in its chain."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg
import httpx
import pytest

from services.registration.audit import handlers
from services.registration.audit.reading import Verified
from tests.integration.registration.auditing import Log
from tests.support.waiting import eventually
from tests.system import System

CHANGES = (
    "UPDATE registration.{} SET {} = {}",
    "DELETE FROM registration.{}",
    "TRUNCATE registration.{}",
)


@pytest.mark.parametrize("table", ["audit_entries", "audit_seals", "audit_heads"])
async def test_nobody_changes_what_is_written(log: Log, table: str) -> None:
    await log.write(2)
    await log.seal()
    await log.publish_head()
    column = "entry" if table == "audit_seals" else "position" if table == "audit_heads" else "at"
    async with log.superuser() as database:
        for role in (None, "registration_app", "registration_owner"):
            if role is not None:
                await database.execute(f"SET ROLE {role}")
            for change in CHANGES:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await database.execute(change.format(table, column, column))
            await database.execute("RESET ROLE")
    assert await log.faults() == []


async def test_each_entry_has_one_place_though_commits_come_in_any_order(log: Log) -> None:
    async with log.sessions() as early, log.sessions() as late:
        await handlers.record(early, "family.read", "family", None, which="early")
        await handlers.record(late, "family.read", "family", None, which="late")
        await late.commit()
        assert await log.seal() == 1
        await early.commit()
    assert await log.seal() == 1
    async with log.superuser() as database:
        query = (
            "SELECT details->>'which' FROM registration.audit_seals "
            "JOIN registration.audit_entries USING (entry) ORDER BY position"
        )
        assert [row[0] for row in await database.fetch(query)] == ["late", "early"]
    assert await log.faults() == []


async def test_writers_do_not_wait_for_each_other_nor_for_the_notary(log: Log) -> None:
    async with log.sessions() as one, log.sessions() as other, log.sessions() as notary:
        await log.write()
        await handlers.record(one, "family.read", "family", None)
        assert await handlers.seal_waiting(notary, 10) == 1
        await asyncio.wait_for(handlers.record(other, "family.read", "family", None), 5)
        await asyncio.wait_for(other.commit(), 5)
        sealed = await asyncio.wait_for(log.seal(), 5)
        assert sealed == 0, "the other notary holds the chain"
        await notary.commit()
        await one.commit()
    assert await log.seal() == 2


async def test_many_notaries_and_writers_at_once_leave_no_gap(log: Log) -> None:
    done = asyncio.Event()

    async def notary() -> None:
        while not done.is_set():
            await log.seal(limit=7)

    notaries = [asyncio.create_task(notary()) for _ in range(3)]
    await asyncio.gather(*(log.write(25) for _ in range(6)))
    done.set()
    await asyncio.gather(*notaries)
    while await log.seal():
        pass
    assert await positions(log) == list(range(1, 151))
    assert await log.faults() == []


async def test_kill_9_at_any_moment_leaves_the_chain_whole(
    alone: System, registrar: httpx.AsyncClient
) -> None:
    async def ask_until_killed() -> None:
        while True:
            try:
                await registrar.get("/v1/families/0193a001-5c1e-7a40-8b2d-6f31b7c2a001/consents")
                await registrar.post("/v1/enrolments", json={})
                async with alone.database("registration_app") as database:
                    for _ in range(40):
                        await database.execute(INSERT, datetime.now(UTC))
            except httpx.TransportError:
                return

    for _ in range(4):
        asking = [asyncio.create_task(ask_until_killed()) for _ in range(3)]
        await asyncio.sleep(0.5)
        await alone.kill9("registration")
        await asyncio.gather(*asking)
        await asyncio.to_thread(alone.start, ["registration"])

    async def look() -> None:
        async with alone.database() as database:
            assert not await database.fetchval("SELECT count(*) FROM registration.audit_waiting")
            seals, last, entries = await database.fetchrow(
                "SELECT count(*), max(position), (SELECT count(*) FROM registration.audit_entries) "
                "FROM registration.audit_seals"
            )
            assert seals == last == entries > 100
            assert [fault async for fault in Verified(database, []).faults()] == []

    await eventually(look)


INSERT = """
INSERT INTO registration.audit_entries
    (at, actor, roles, action, subject_type, details, correlation_id)
VALUES ($1, 'tests', '{}', 'family.read', 'family', '{}', 'tests')
"""


async def positions(log: Log) -> Sequence[int]:
    async with log.superuser() as database:
        query = "SELECT position FROM registration.audit_seals ORDER BY 1"
        return [row[0] for row in await database.fetch(query)]
