"""Ten thousand dead letters are listed, grouped and replayed while the service goes on serving."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.integration.registration.accounts import Accounts
from tests.integration.registration.test_page_frame import sign_in
from tests.support.dead_letters import CONTACTS, depth, handled, park
from tests.support.desk import answered
from tests.support.injection import message
from tests.support.metrics import scrape
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
    before = await _handled_by_the_service(dead)
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
        await _replay_all(dead)
        await _all_handled(dead, [each.message_id for each in made])
    assert set(answers) == {200, "page"}, answers
    assert answers[200] > 20
    assert answers["page"] > 2
    left = await answered(operator.get(f"{AT}/groups"))
    # What the kill cut off between its publish and its acknowledgement lies there as well.
    assert left["depth"] == await depth(dead, CONTACTS)
    refused = await answered(operator.post(f"{AT}/replay", json={"queue": CONTACTS}))
    assert refused["replayed"] == 0
    assert {each["why"] for each in refused["refused"]} <= {"handled"}
    await _one_contact_each(dead, stories)

    async def once_each() -> None:
        assert await _handled_by_the_service(dead) - before == MANY

    await eventually(once_each)


@asynccontextmanager
async def probing(system: System) -> AsyncIterator[Counter[int | str]]:
    """Ask the service and the operator's page all the while; counts the answers by status.

    The page may say of a service that somebody is busy with its letters; it is served all the same.
    """
    answers: Counter[int | str] = Counter()
    auditor = system.client("notifications", "auditor", seconds=60)

    async def ask(client: httpx.AsyncClient, path: str) -> None:
        while True:
            answers[(await client.get(path)).status_code] += 1
            await asyncio.sleep(0.05)

    async def look(browser: httpx.AsyncClient) -> None:
        while True:
            page = await browser.get("/dead-letters")
            answers[page.status_code] += 1
            # Not the page where one signs in.
            answers["page"] += "/dead-letters" in page.text and page.url.path == "/dead-letters"
            await asyncio.sleep(0.05)

    async with (
        Accounts.of(system) as accounts,
        httpx.AsyncClient(
            base_url=system.urls["registration"], trust_env=False, timeout=60
        ) as browser,
    ):
        await sign_in(browser, (await accounts.add("operator")).staff.login)
        tasks = [
            asyncio.create_task(ask(auditor, "/v1/notifications")),
            asyncio.create_task(ask(auditor, "/health/ready")),
            asyncio.create_task(look(browser)),
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


async def _replay_all(system: System) -> None:
    process = await _command(system, "replay", "--all")
    printed, _ = await asyncio.wait_for(process.communicate(), 300)
    said = printed.decode()
    assert "replayed " in said, said
    # What the kill cut off behind its publish is refused, which alone may end the command with 1.
    stay = [line for line in said.splitlines() if " stays: " in line]
    assert all("it was handled already" in line for line in stay), stay
    assert process.returncode == (1 if stay else 0), said


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


async def _handled_by_the_service(system: System) -> float:
    """Count the messages of that queue that it handled, repeats that the inbox knew left out."""
    measured = await scrape(system, "notifications", 60)
    return measured.value("qayidis_inbox_messages_total", queue=CONTACTS, outcome="handled") or 0


async def _one_contact_each(system: System, stories: list[Story]) -> None:
    async with system.database() as database:
        known = await database.fetchval(
            "SELECT count(*) FROM notifications.contacts WHERE person_id = ANY($1)",
            [each.person for each in stories],
        )
    assert known == MANY
