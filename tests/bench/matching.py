"""How well likely duplicates are found: precision and recall on families made up for it.

The weights were set by looking at the first seed; the figures are those of the second.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from services.registration.duplicates import handlers
from services.registration.families.domain import Family
from shared.database import Sessions, async_url
from shared.sealing import Sealer
from tests.bench import register
from tests.bench.figures import Figure, percentile
from tests.bench.sizes import sized
from tests.support.populace.households import Populace
from tests.support.populace.repeats import again, lookalike
from tests.system import System

REGISTERED = sized(20_000, 1_000)
ASKED = sized(1_500, 100)
TUNED, MEASURED = 11, 4_242


@dataclass
class Outcome:
    """What was found of families that are registered already, and of others."""

    repeats: int = 0
    found: int = 0
    people: int = 0
    people_found: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Which part of what became a case are the same people."""
        return self.found / max(1, self.found + sum(self.wrong.values()))

    @property
    def recall(self) -> float:
        """Which part of the families registered twice became a case."""
        return self.found / max(1, self.repeats)

    def show(self, title: str) -> None:
        """Print all figures."""
        print(
            f"    {title}: precision {self.precision:.3f}, recall {self.recall:.3f} of families, "
            f"{self.people_found / max(1, self.people):.3f} of persons; "
            f"{percentile(self.took, 50):.1f} ms p50, {percentile(self.took, 95):.1f} ms p95"
        )
        for kind, many in self.others.items():
            print(f"      {kind}: {self.wrong[kind]} of {many} taken for somebody else", flush=True)


async def measure(system: System) -> Figure:
    """Register families, then check repeats, lookalikes and strangers against them."""
    sealer = Sealer.from_file(system.around.keys_folder / "registration.seal.json")
    people = Populace(MEASURED)
    known = list(people.families(REGISTERED))
    async with system.database() as database:
        await register.fill(database, sealer, known)
    engine = create_async_engine(async_url(system.database_url("registration_app")), pool_size=1)
    sessions: Sessions = async_sessionmaker(engine, info={"sealer": sealer})
    outcome = await check_all(sessions, people, known, ASKED)
    await engine.dispose()
    outcome.show("measured")
    return Figure(
        f"likely duplicates among {REGISTERED:,} families, {ASKED:,} registered twice, "
        f"{ASKED:,} lookalikes, {ASKED:,} strangers",
        f"precision {outcome.precision:.3f}, recall {outcome.recall:.3f}, "
        f"p50 {percentile(outcome.took, 50):.1f} ms a family",
        "-",
        "-",
        "-",
        "what is wrong twice: another family name and another day, or a name alone",
    )


async def check_all(
    sessions: Sessions, people: Populace, known: Sequence[Family], each: int
) -> Outcome:
    """Check so many families of each sort, without writing one."""
    outcome = Outcome()
    for original in people.chance.sample(list(known), each):
        repeat = again(people, original)
        found = await _check(sessions, repeat, outcome)
        outcome.repeats += 1
        outcome.found += original.id in found
        outcome.people += len(repeat.persons)
        outcome.people_found += min(len(repeat.persons), found.get(original.id, 0))
        outcome.wrong["repeat, taken for a third family"] += len(found.keys() - {original.id})
        outcome.others["repeat, taken for a third family"] += 1
    for original in people.chance.sample(list(known), each):
        kind, other = lookalike(people, original)
        outcome.wrong[kind] += len(await _check(sessions, other, outcome))
        outcome.others[kind] += 1
    for stranger in people.families(each):
        outcome.wrong["stranger"] += len(await _check(sessions, stranger, outcome))
        outcome.others["stranger"] += 1
    return outcome


async def _check(sessions: Sessions, family: Family, outcome: Outcome) -> dict[UUID, int]:
    began = time.perf_counter()
    async with sessions() as session:
        [alike] = await handlers.check(session, [family])
    outcome.took.append((time.perf_counter() - began) * 1000)
    return {each.family_id: len(each.likenesses) for each in alike}
