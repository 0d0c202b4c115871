"""Who edits the audit log nevertheless, as a superuser, is found out."""

import asyncio
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from tests.integration.registration.auditing import Log

BACK_DATED = """
INSERT INTO registration.audit_entries
    (at, actor, roles, action, subject_type, details, correlation_id)
VALUES (now() - interval '1 hour', 'tests', '{}', 'family.read', 'family', '{}', 'tests')
"""

E, S = "registration.audit_entries", "registration.audit_seals"

TAMPERING = {
    "an actor changed": (
        [f"UPDATE {E} SET actor = 'x' WHERE entry = 3"],
        "entry 3 (seal 3) was changed",
    ),
    "a detail changed": (
        [f"UPDATE {E} SET details = '{{\"n\": 9}}' WHERE entry = 3"],
        "entry 3 (seal 3) was changed",
    ),
    "a time changed by a microsecond": (
        [f"UPDATE {E} SET at = at + interval '1 microsecond' WHERE entry = 3"],
        "entry 3 (seal 3) was changed",
    ),
    "the last entry changed": (
        [f"UPDATE {E} SET reason = 'x' WHERE entry = 6"],
        "entry 6 (seal 6) was changed",
    ),
    "an entry removed": ([f"DELETE FROM {E} WHERE entry = 3"], "entry 3 (seal 3) was removed"),
    "an entry removed with its seal": (
        [f"DELETE FROM {E} WHERE entry = 3", f"DELETE FROM {S} WHERE entry = 3"],
        "seals 3 to 3 are missing",
    ),
    "an entry removed and the seals closed up": (
        [
            f"DELETE FROM {E} WHERE entry = 3",
            f"DELETE FROM {S} WHERE entry = 3",
            f"UPDATE {S} SET position = position - 1 WHERE position = 4",
            f"UPDATE {S} SET position = position - 1 WHERE position = 5",
            f"UPDATE {S} SET position = position - 1 WHERE position = 6",
        ],
        "seal 3 is broken: it does not follow the one before it",
    ),
    "a seal changed": (
        [f"UPDATE {S} SET digest = sha256('x') WHERE position = 3"],
        "seal 3 is broken: it is not that of entry 3",
    ),
    "a seal's link changed": (
        [f"UPDATE {S} SET previous = sha256('x') WHERE position = 3"],
        "seal 3 is broken: it does not follow the one before it",
    ),
    "the tail removed": (
        [f"DELETE FROM {E} WHERE entry > 4", f"DELETE FROM {S} WHERE position > 4"],
        "kept head: the log ends at seal 4, and what there was up to seal 6 was removed",
    ),
    "everything removed": (
        [f"DELETE FROM {E}", f"DELETE FROM {S}"],
        "kept head: the log ends at seal 0, and what there was up to seal 6 was removed",
    ),
    "an entry added and never sealed": (
        [BACK_DATED],
        "entry 7 of",
    ),
}


@pytest.mark.parametrize("what", TAMPERING)
async def test_tampering_is_found(log: Log, what: str) -> None:
    await log.write(6)
    await log.seal()
    kept = await log.head()
    assert await log.faults(kept) == []
    statements, expected = TAMPERING[what]
    await log.tamper(*statements)
    found = await log.faults(kept)
    assert found[0].startswith(expected), found


async def test_an_entry_dated_back_is_found_though_the_notary_sealed_it(log: Log) -> None:
    await log.write(3)
    await log.seal()
    async with log.superuser() as database:
        await database.execute(BACK_DATED)
    await log.seal()
    await log.write(2)
    await log.seal()
    (fault,) = await log.faults()
    assert fault.startswith("entry 4 (seal 4) was added later")


async def test_the_published_head_is_held_against_the_log_made_anew(log: Log) -> None:
    await log.write(4)
    await log.seal()
    await log.publish_head()
    await log.publish_head()
    await log.tamper(f"UPDATE {E} SET actor = 'x'", f"TRUNCATE {S}", f"INSERT INTO {WAITING}")
    await log.seal()
    (fault,) = await log.faults()
    assert fault.startswith("published head of")
    assert fault.endswith("seal 4 is another than it was then")


WAITING = f"registration.audit_waiting SELECT entry FROM {E}"


async def test_a_long_log_is_verified_in_little_memory(log: Log) -> None:
    async with log.superuser() as database:
        await database.execute(MANY, 40_000)
    while await log.seal(limit=5_000):
        pass
    tracemalloc.start()
    try:
        assert await log.faults() == []
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000, f"{peak:,} bytes"


MANY = """
INSERT INTO registration.audit_entries
    (at, actor, roles, action, subject_type, details, correlation_id)
SELECT clock_timestamp(), 'tests', '{registrar}', 'family.read', 'family', '{"n": 1.5}', 'tests'
FROM generate_series(1, $1)
"""


async def test_the_command_says_what_is_wrong_and_fails(log: Log) -> None:
    await log.write(3)
    await log.seal()
    code, lines = await command(log)
    assert (code, len(lines)) == (0, 2)
    head = lines[1]
    assert (await command(log, "--head", head))[0] == 0
    await log.tamper(f"DELETE FROM {E} WHERE entry = 3", f"DELETE FROM {S} WHERE entry = 3")
    assert (await command(log))[0] == 0, "without a head nobody can know of a tail"
    code, lines = await command(log, "--head", head)
    assert code == 1
    assert lines == [
        f"head {head}: the log ends at seal 2, and what there was up to seal 3 was removed"
    ]
    assert (await command(log, "--head", "3:zz"))[0] == 1


async def command(log: Log, *options: str) -> tuple[int, list[str]]:
    """Run `qayidis audit verify` as the operator does."""
    program = str(Path(sys.executable).parent / "qayidis")
    ran = await asyncio.to_thread(
        subprocess.run,
        [program, "audit", "verify", *options],
        env={"QAYIDIS_POSTGRES_URL": log.url, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stdout.splitlines()
