"""Ten thousand dead letters are listed, grouped and replayed while the service goes on serving."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.support.dead_letters import CONTACTS, depth, handled, park
from tests.support.desk import answered
from tests.support.injection import message
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system import System

MANY = 10_000
AT = "/v1/dead-letters"


async def test_ten_thousand_are_listed_grouped_and_replayed_while_the_service_serves(
    dead: System,
) -> None:
    stories = [Story() for _ in range(MANY)]
    made = [message(each.contact(), each.person, 1) for each in stories]
    await park(dead, made)
    operator = dead.client("notifications", "operator", seconds=120)
    async with probing(dead) as answers:
        looks = [answered(operator.get(f"{AT}/groups")) for _ in range(4)]
        for groups in await asyncio.gather(*looks):
            assert [each["count"] for each in groups["groups"]] == [MANY]
            assert groups["looked_at"] == MANY
        page = await answered(operator.get(AT, params={"limit": 200}))
        assert len({each["ref"] for each in page["items"]}) == 200
        body = {"queue": CONTACTS, "exception": "KeyError", "limit": 1000}
        some = await answered(operator.post(f"{AT}/replay", json=body))
        assert (some["replayed"], some["refused"], some["left"]) == (1000, [], MANY - 1000)

        # The command is killed in the middle, and begun again: nothing is lost, nothing twice.
        await _killed_while_replaying(dead, operator)
        said = await _replay_all(dead)
        assert "replayed" in said
        await _all_handled(dead, [each.message_id for each in made])
    assert set(answers) == {200}, answers
    assert answers[200] > 20
    left = await answered(operator.get(f"{AT}/groups"))
    # What the kill cut off between its publish and its acknowledgement lies there as well.
    assert left["depth"] == await depth(dead, CONTACTS)
    refused = await answered(operator.post(f"{AT}/replay", json={"queue": CONTACTS}))
    assert refused["replayed"] == 0
    assert {each["why"] for each in refused["refused"]} <= {"handled"}
    await _one_contact_each(dead, stories)


@asynccontextmanager
async def probing(system: System) -> AsyncIterator[Counter[int]]:
    """Ask the service and the operator's page all the while; counts the answers by status."""
    answers: Counter[int] = Counter()
    auditor = system.client("notifications", "auditor", seconds=60)
    desk = system.client("registration", seconds=60)

    async def ask(client: httpx.AsyncClient, path: str) -> None:
        while True:
            answers[(await client.get(path)).status_code] += 1
            await asyncio.sleep(0.05)

    tasks = [
        asyncio.create_task(ask(auditor, "/v1/notifications")),
        asyncio.create_task(ask(auditor, "/health/ready")),
        asyncio.create_task(ask(desk, "/health/live")),
    ]
    yield answers
    for task in tasks:
        task.cancel()
    failures = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(each, asyncio.CancelledError) for each in failures), failures


async def _killed_while_replaying(system: System, operator: httpx.AsyncClient) -> None:
    process = await _command(system, "replay", "--all")

    async def some_left() -> None:
        assert await _handled_so_far(system) > 1000 + 200

    await eventually(some_left, 60)
    process.kill()
    await process.wait()

    async def given_back() -> None:
        groups = await answered(operator.get(f"{AT}/groups"))
        assert groups["depth"] > 0

    await eventually(given_back)


async def _replay_all(system: System) -> str:
    process = await _command(system, "replay", "--all")
    said, _ = await asyncio.wait_for(process.communicate(), 300)
    return said.decode()


async def _command(system: System, *words: str) -> asyncio.subprocess.Process:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("QAYIDIS_")}
    return await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).parent / "qayidis"), "dead", *words),
        env={
            **kept,
            "QAYIDIS_POSTGRES_URL": system.database_url(),
            "QAYIDIS_AMQP_URL": system.admin.amqp_url,
            "QAYIDIS_KEYS_DIR": str(system.around.keys_folder),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def _handled_so_far(system: System) -> int:
    async with system.database() as database:
        count: int = await database.fetchval(
            "SELECT count(*) FROM notifications.dead_letter_records WHERE action = 'replayed'"
        )
    return count


async def _all_handled(system: System, ids: list[str | None]) -> None:
    async def look() -> None:
        assert await handled(system, ids) == MANY

    await eventually(look, 120)


async def _one_contact_each(system: System, stories: list[Story]) -> None:
    async with system.database() as database:
        known = await database.fetchval(
            "SELECT count(*) FROM notifications.contacts WHERE person_id = ANY($1)",
            [each.person for each in stories],
        )
    assert known == MANY
