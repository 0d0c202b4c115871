"""`POST /v1/enrolments` as fast as it goes, against FastAPI and asyncpg with the same SQL."""

from collections.abc import Sequence
from itertools import islice

from tests.bench.figures import Figure, median
from tests.bench.ground import cpu_seconds
from tests.bench.load import CLIENTS, Call, answers, numbered, registrar, saturate
from tests.bench.recording import record
from tests.bench.replaying import replaying
from tests.bench.sizes import sized
from tests.support.bodies import Body, event, family, person, place
from tests.support.desk import Desk
from tests.system import System

FAMILIES = sized(400, 60)
ROUNDS = sized(3, 1)


async def measure(system: System, desk: Desk) -> Figure:
    """Enrol the same families in one event after the other, here and there by turns."""
    at = place()
    url = f"{system.urls['registration']}/v1/enrolments"
    process = system.processes.running("registration")
    assert process is not None
    bare, ours, spent = [], [], 0.0
    async with registrar(system) as client:
        families = await answers(
            client,
            [
                Call(f"{system.urls['registration']}/v1/families", family(at, person(phone=None)))
                for _ in range(FAMILIES)
            ],
        )

        async def enrolments() -> list[Body]:
            published = await desk.publish(event(at, capacity=FAMILIES * 2))
            return enrolments_of(published["id"], families)

        recorded = await record(
            system, "/v1/enrolments", [body for _ in range(ROUNDS) for body in await enrolments()]
        )
        with replaying(system, recorded) as bare_url:
            theirs = numbered(bare_url, [each.body for each in recorded])
            for _ in range(ROUNDS):
                bare.append(await saturate(client, list(islice(theirs, FAMILIES))))
                calls = [Call(url, body) for body in await enrolments()]
                before = cpu_seconds(process.pid)
                ours.append(await saturate(client, calls))
                spent += cpu_seconds(process.pid) - before
    cost = spent / (FAMILIES * ROUNDS) * 1000
    statements = len(recorded[-1].statements)
    return Figure(
        f"POST /v1/enrolments, one event, {CLIENTS} at once",
        f"{median(ours):,.0f}/s, {cost:.1f} CPU-ms each",
        f"bare FastAPI + asyncpg, the same {statements} statements: {median(bare):,.0f}/s",
        f"{median(ours) / median(bare):.2f}",
        "-",
        "one Python process: FastAPI, validation, SQLAlchemy; the event's row is locked meanwhile",
    )


def enrolments_of(event_id: str, families: Sequence[Body]) -> list[Body]:
    """Make the bodies that enrol these families in an event."""
    return [{"event_id": event_id, "family_id": each["id"]} for each in families]
