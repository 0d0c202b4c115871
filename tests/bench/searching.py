"""`GET /v1/search` over HTTP among 660,000 people: how long it takes, and whom it finds."""

import json
import time
from collections import defaultdict
from collections.abc import Sequence

import aiohttp

from deploy.cli.tokens import issue_token
from services.registration.search import queries
from services.registration.search.domain import variants
from shared.sealing import Sealer
from tests.bench import register
from tests.bench.asking import IDENTIFYING, Asked, questions
from tests.bench.figures import Figure, percentile
from tests.bench.sizes import sized
from tests.support.populace.households import Populace
from tests.system import System

FAMILIES = sized(175_000, 3_000)
SEED = 20_261
EACH = sized(40, 5)
SHOWN = 20


async def measure(system: System) -> Figure:
    """Fill the register, ask 720 questions, and show plans."""
    sealer = Sealer.from_file(system.around.keys_folder / "registration.seal.json")
    known = list(Populace(SEED).families(FAMILIES))
    async with system.database() as database:
        people = await register.fill(database, sealer, known)
    asked = questions(known, EACH, SEED)
    await _ask(system, asked[:100], "/v1/search")
    took, ranks = await _ask(system, asked, "/v1/search")
    _show(took, ranks)
    lists, _ = await _ask(system, asked[: len(asked) // 3], "/v1/families")
    everything = [each for times in lists.values() for each in times]
    print(f"    /v1/families?q=: {_times(everything)}", flush=True)
    await _plans(system)
    searches = [each for times in took.values() for each in times]
    bare, _ = await _ask(system, [Asked("bare", "", None)] * 300, "/health/live")
    return Figure(
        f"GET /v1/search among {people:,} people, {len(searches)} mixed questions",
        _times(searches),
        f"GET /health/live: {_times(bare['bare'])}",
        "-",
        "p95 50 ms",
        "three to ten statements one after the other; fewer where the spelling is right",
    )


async def _ask(
    system: System, asked: Sequence[Asked], path: str
) -> tuple[dict[str, list[float]], dict[str, list[int]]]:
    """Ask one after the other; gives milliseconds, and at which place the person was, by kind."""
    took: dict[str, list[float]] = defaultdict(list)
    ranks: dict[str, list[int]] = defaultdict(list)
    token = issue_token(["registrar"], keys_folder=system.around.keys_folder)
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(system.urls["registration"], headers=headers) as client:
        for each in asked:
            began = time.perf_counter()
            async with client.get(path, params={"q": each.text, "limit": SHOWN}) as answer:
                body = await answer.json()
            took[each.kind].append((time.perf_counter() - began) * 1000)
            assert answer.status == 200, body
            if path == "/v1/search":
                found = [item["person_id"] for item in body["items"]]
                ranks[each.kind].append(_place(found, str(each.person_id)))
    return took, ranks


def _place(found: Sequence[str], wanted: str) -> int:
    return found.index(wanted) + 1 if wanted in found else 0


def _times(took: Sequence[float]) -> str:
    return f"p50 {percentile(took, 50):.1f} ms, p95 {percentile(took, 95):.1f} ms"


def _show(took: dict[str, list[float]], ranks: dict[str, list[int]]) -> None:
    print("\n| typed | p50 ms | p95 ms | worst ms | first | among 20 |\n|---|---|---|---|---|---|")
    for kind, times in took.items():
        places = ranks[kind]
        first = sum(place == 1 for place in places) / len(places)
        shown = sum(place > 0 for place in places) / len(places)
        found = f"{first:.0%} | {shown:.0%}" if kind in IDENTIFYING else "- | -"
        print(
            f"| {kind} | {percentile(times, 50):.1f} | {percentile(times, 95):.1f} "
            f"| {max(times):.1f} | {found} |",
            flush=True,
        )


async def _plans(system: System) -> None:
    """Explain the statements that carry the weight, for names that are as common as any."""
    async with system.database("registration_app") as database:

        async def words(*spellings: str) -> list[int]:
            rows = await database.fetch(
                "SELECT id FROM words WHERE spelling = ANY($1::text[])", list(spellings)
            )
            return [row["id"] for row in rows]

        slipped = json.dumps(
            [{"place": 0, "fold": "alivav", "edits": 2, "variants": variants("alivav")}]
        )
        name, given = await words("əliyev", "aliyev", "алиев"), await words("əli", "али", "ali")
        for title, statement, values in (
            ("one common word", queries.first().text, {"words": name, "most": SHOWN}),
            (
                "two common words",
                queries.meeting(2, ordered=True).text,
                {"s0": name, "s1": given, "most": SHOWN},
            ),
            (
                "slips and beginnings",
                queries.LIKE_THEM.text,
                {"asked": slipped, "most": 60, "shortest": 2},
            ),
        ):
            text, given_values = statement, []
            for place, (key, value) in enumerate(values.items(), start=1):
                text = text.replace(f":{key}", f"${place}")
                given_values.append(value)
            plan = await database.fetch(f"EXPLAIN (ANALYZE, BUFFERS) {text}", *given_values)
            print(f"\n{title}\n" + "\n".join(f"    {row[0]}" for row in plan), flush=True)
