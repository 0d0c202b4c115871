"""`POST /v1/enrolments` against the same SQL by pgbench."""

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from deploy.cli.tokens import issue_token
from tests.bench.figures import Figure
from tests.bench.ground import cpu_seconds
from tests.support.bodies import Body, Place, event, family, person, place
from tests.support.desk import Desk
from tests.system import System

CLIENTS = 8
FAMILIES = 1_600

_SCRIPT = """
\\set i :i + 1
\\set n :client_id * {each} + :i
BEGIN;
SELECT id, status, capacity, enrolment_closes_at FROM events WHERE id = '{event}' FOR UPDATE;
SELECT f.origin_district,
    (SELECT array_agg(p.id ORDER BY p.position) FROM persons p WHERE p.family_id = f.id),
    (SELECT coalesce(sum(seats), 0) FROM enrolments
        WHERE event_id = '{event}' AND status = 'confirmed'),
    (SELECT count(*) FROM enrolments WHERE event_id = '{event}' AND status = 'waitlisted'),
    (SELECT id FROM enrolments WHERE event_id = '{event}' AND family_id = f.id
        AND status IN ('confirmed', 'waitlisted'))
FROM families f JOIN public.bench_families b ON b.id = f.id WHERE b.n = :n;
INSERT INTO enrolments (id, event_id, family_id, person_ids, seats, origin_district, status,
    ticket, version)
SELECT gen_random_uuid(), '{event}', b.id, b.person_ids, 1, 'AZ-AGM', 'confirmed',
    gen_random_uuid()::text, 1 FROM public.bench_families b WHERE b.n = :n
ON CONFLICT DO NOTHING;
INSERT INTO outbox (id, type, exchange, routing_key, expects_route, subject, subject_version,
    correlation_id, data)
SELECT gen_random_uuid(), 'bench', 'qayidis.public', 'registration.bench.v1', false,
    gen_random_uuid()::text, 1, 'bench', repeat('x', 300);
COMMIT;
"""


async def measure(system: System, desk: Desk) -> Figure:
    """Enrol the same families by HTTP into one event, and by pgbench into another."""
    at = place()
    families = await _register(desk, at)
    by_http = await desk.publish(event(at, capacity=FAMILIES * 2))
    by_sql = await desk.publish(event(at, capacity=FAMILIES * 2))
    process = system.processes.running("registration")
    assert process is not None
    before = cpu_seconds(process.pid)
    ours = await _by_http(system, by_http["id"], families)
    cost = (cpu_seconds(process.pid) - before) / FAMILIES * 1000
    yardstick = await _by_pgbench(system, by_sql["id"], families)
    return Figure(
        f"POST /v1/enrolments, one event, {CLIENTS} at once",
        f"{ours:,.0f}/s, {cost:.1f} CPU-ms each",
        f"pgbench, the same statements: {yardstick:,.0f}/s",
        f"{ours / yardstick:.2f}",
        "-",
        "one Python process: FastAPI, validation, SQLAlchemy; the event's row is locked meanwhile",
    )


async def _register(desk: Desk, at: Place) -> list[Body]:
    bodies = [family(at, person(phone=None)) for _ in range(FAMILIES)]
    slots = asyncio.Semaphore(CLIENTS)

    async def one(body: Body) -> Body:
        async with slots:
            return await desk.register(body)

    return list(await asyncio.gather(*(one(body) for body in bodies)))


async def _by_http(system: System, event_id: str, families: Sequence[Body]) -> float:
    token = issue_token(["registrar"], keys_folder=system.around.keys_folder)
    waiting = iter(families)
    url = f"{system.urls['registration']}/v1/enrolments"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as client:

        async def one_client() -> None:
            for body in waiting:
                enrolment = {"event_id": event_id, "family_id": body["id"]}
                async with client.post(url, json=enrolment) as answer:
                    assert answer.status == 201, await answer.text()

        began = time.perf_counter()
        await asyncio.gather(*(one_client() for _ in range(CLIENTS)))
        return len(families) / (time.perf_counter() - began)


async def _by_pgbench(system: System, event_id: str, families: Sequence[Body]) -> float:
    async with system.database() as database:
        await database.execute(
            "CREATE TABLE public.bench_families (n int PRIMARY KEY, id uuid, person_ids uuid[]);"
            "GRANT SELECT ON public.bench_families TO registration_app"
        )
        await database.executemany(
            "INSERT INTO public.bench_families VALUES ($1, $2, $3)",
            [
                (number, body["id"], [member["id"] for member in body["members"]])
                for number, body in enumerate(families, start=1)
            ],
        )
        try:
            return await asyncio.to_thread(_pgbench, system, event_id)
        finally:
            await database.execute("DELETE FROM registration.outbox WHERE type = 'bench'")
            await database.execute("DROP TABLE public.bench_families")


def _pgbench(system: System, event_id: str) -> float:
    each = FAMILIES // CLIENTS
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "enrol.sql"
        script.write_text(_SCRIPT.format(event=event_id, each=each), encoding="utf-8")
        program = shutil.which("pgbench") or "pgbench"
        options = ["-n", "-c", str(CLIENTS), "-j", "1", "-t", str(each), "-D", "i=0"]
        url = system.database_url("registration_app")
        run = subprocess.run(
            [program, *options, "-f", str(script), url], capture_output=True, text=True, check=True
        )
    line = next(line for line in run.stdout.splitlines() if line.startswith("tps"))
    return float(line.split("=")[1].split()[0])
