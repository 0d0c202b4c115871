"""An import of 100,000 rows: dry run and writing, against bare asyncpg copying the same rows."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx

from shared.ids import new_id
from tests.bench.figures import Figure
from tests.bench.sizes import sized
from tests.support.lists import Row, as_csv, row
from tests.system import System

ROWS = sized(100_000, 2_000)
MEMBERS = 4
_LONGEST_SECONDS = 3_600


@dataclass
class Peak:
    """The most memory that a process and its children had at once, in MiB."""

    service: float = 0
    reader: float = 0

    def look(self, pid: int) -> None:
        self.service = max(self.service, _resident(pid))
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
        self.reader = max([self.reader, *(_resident(int(child)) for child in children)])


async def measure(system: System) -> Figure:
    """Upload a list, wait for its dry run, commit it and wait until all of it is written."""
    content = as_csv(_listed())
    process = system.processes.running("registration")
    assert process is not None
    client, peak = system.client("registration", "registrar", seconds=120), Peak()
    before = _resident(process.pid)
    answer = await client.post("/v1/imports", files={"file": ("list.csv", content)})
    assert answer.status_code == 201, answer.text
    url = f"/v1/imports/{answer.json()['id']}"
    checking = await _until(client, url, "checked", process.pid, peak)
    assert (await client.post(f"{url}/commit")).status_code == 200
    writing = await _until(client, url, "committed", process.pid, peak)
    bare = await _copied(system)
    return Figure(
        f"import of {ROWS:,} rows, {ROWS // MEMBERS:,} families",
        f"dry run {ROWS / checking:,.0f} rows/s, writing {ROWS / writing:,.0f} rows/s, all in "
        f"{checking + writing:,.0f} s; at most {peak.service:,.0f} MiB ({before:,.0f} before) and "
        f"{peak.reader:,.0f} MiB in the reader",
        f"asyncpg, COPY of the same rows: {ROWS / bare:,.0f} rows/s",
        f"{bare / writing:.3f}",
        "-",
        "a row becomes sealed columns, search keys, a history, an audit entry and two messages",
    )


def _listed() -> list[Row]:
    return [
        row(number // MEMBERS, "başçı" if number % MEMBERS == 0 else "oğlu")
        for number in range(ROWS)
    ]


async def _until(client: httpx.AsyncClient, url: str, state: str, pid: int, peak: Peak) -> float:
    began = time.perf_counter()
    while time.perf_counter() - began < _LONGEST_SECONDS:
        found = (await client.get(url)).json()
        peak.look(pid)
        if found["state"] == state:
            return time.perf_counter() - began
        assert found["state"] in {"waiting", "checking", "committing"}, found
        await asyncio.sleep(0.2)
    raise AssertionError(found)


def _resident(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:  # it has ended meanwhile
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmRSS")), "VmRSS: 0")
    return int(line.split()[1]) / 1024


async def _copied(system: System) -> float:
    """Copy as many bare families and persons, unsealed, into tables without other indexes."""
    name = f"bench_{uuid4().hex[:8]}"
    families = [(new_id(), "AZ-AGM", "Novruzlu", "AZ-BAR", "Bərdə") for _ in range(ROWS // MEMBERS)]
    persons = [
        (new_id(), families[number // MEMBERS][0], "Əli", "Həsənov", "Vaqif oğlu", "male")
        for number in range(ROWS)
    ]
    async with system.database() as database:
        await _make(database, name)
        began = time.perf_counter()
        async with database.transaction():
            await database.copy_records_to_table(f"{name}_families", records=families)
            await database.copy_records_to_table(f"{name}_persons", records=persons)
        took = time.perf_counter() - began
        await database.execute(f"DROP TABLE {name}_families, {name}_persons")
    return took


async def _make(database: asyncpg.Connection, name: str) -> None:
    await database.execute(
        f"CREATE TABLE {name}_families (id uuid PRIMARY KEY, a text, b text, c text, d text);"
        f"CREATE TABLE {name}_persons (id uuid PRIMARY KEY, family_id uuid, a text, b text,"
        " c text, d text)"
    )
