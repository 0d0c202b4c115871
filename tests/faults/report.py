"""What a run came to, as the tables of docs/reliability.md."""

import asyncio
import platform
import statistics
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import asyncpg

from deploy.bootstrap.management import management
from deploy.local.servers import Servers
from tests.bench.figures import machine
from tests.faults.controls import Damage
from tests.faults.desks import surprising
from tests.faults.harm import CLOCK_FAULT
from tests.faults.judge import Verdict
from tests.faults.run import Outcome

_BEGIN = "<!-- the report begins -->"
_END = "<!-- the report ends -->"
_LIBRARIES = ("faststream", "aio-pika", "aiormq", "sqlalchemy", "asyncpg", "fastapi", "uvicorn")

_MEANING = {
    "lost facts": "acknowledged by a 2xx, and missing in the API or on `qayidis.public`",
    "lost texts": "someone was not told, and no record says why",
    "doubled facts": "told by two messages, or one id with two contents",
    "doubled texts": "taken twice by the provider, and not recorded as `unknown`",
    "out of order": "behind a later message of its subject",
    "gaps in sequence": "a number missing, or standing for two messages",
    "seats oversold": "more people with seats than seats, in the API or as told",
    "parked": "in a dead letter queue",
    "stuck": "in a queue, an outbox or under way after all was calm; a call never answered",
}


@dataclass(frozen=True, slots=True)
class Report:
    """One run and its controls."""

    seed: int
    rate: float
    seconds: float
    versions: Mapping[str, str]
    outcome: Outcome | None
    damages: Sequence[Damage]

    @property
    def good(self) -> bool:
        """Whether every rule was kept, and every guard was missed when it was out."""
        run = self.outcome
        kept = run is None or (run.verdict.clean and not surprising(run.refused))
        return kept and all(damage.noticed for damage in self.damages)

    def text(self) -> str:
        """The whole report as Markdown."""
        return "\n".join(self._lines())

    def write(self, path: Path) -> None:
        """Put the report into the document, between its two marks."""
        document = path.read_text(encoding="utf-8")
        before, _, rest = document.partition(_BEGIN)
        _, _, after = rest.partition(_END)
        path.write_text(f"{before}{_BEGIN}\n\n{self.text()}\n\n{_END}{after}", encoding="utf-8")

    def _lines(self) -> Iterator[str]:
        yield f"{datetime.now(UTC):%Y-%m-%d}, seed {self.seed}, {machine()}."
        yield "Versions: " + ", ".join(f"{name} {v}" for name, v in self.versions.items()) + "."
        if self.outcome is not None:
            yield from self._run(self.outcome)
        if self.damages:
            yield from _controls(self.damages)

    def _run(self, outcome: Outcome) -> Iterator[str]:
        calls, ledger = outcome.evidence.ledger.calls, outcome.evidence.ledger
        yield f"\n### The run: {outcome.seconds:.0f} s, at most {self.rate:g} acts a second\n"
        done = ", ".join(f"{many:,} {what}" for what, many in calls.most_common())
        yield f"Acknowledged: {done}. Made again, since nobody answered: {ledger.repeats:,} calls."
        heard, texts = outcome.evidence.heard, outcome.evidence.provider.texts
        taken = sum(bool(text.taken) for text in texts.values())
        yield _refusals(outcome.refused)
        yield (
            f"Heard on `qayidis.public`: {len(heard):,} messages, {outcome.repeats.total():,} of "
            f"them again with the same id and bytes. Texts at the provider: {taken:,}."
        )
        deaths = ", ".join(f"{name} {n}" for name, n in sorted(outcome.deaths.items()))
        yield f"`kill -9`: {outcome.deaths.total()} ({deaths}). {_clocks(outcome)}\n"
        yield from _table(("rule", "breaches", "what that would be"), _rules(outcome.verdict))
        yield ""
        yield _doubts(outcome)
        yield f"After the last fault all was calm within {outcome.settling:.0f} s.\n"
        yield "#### Recovery\n"
        rows = [_recovery(name, found) for name, found in sorted(outcome.recoveries.items())]
        yield from _table(("fault", "times", "median", "longest", "not seen"), rows)
        if not outcome.verdict.clean:
            yield "\n#### Breaches\n"
            yield from _breaches(outcome.verdict)


def versions(servers: Servers) -> dict[str, str]:
    """Name everything that took part."""
    return asyncio.run(_versions(servers))


async def _versions(servers: Servers) -> dict[str, str]:
    database = await asyncpg.connect(servers.postgres.url)
    postgres = str(await database.fetchval("SHOW server_version")).split()[0]
    await database.close()
    async with management(servers.administrator) as api:
        rabbitmq = str((await api.get("overview"))["rabbitmq_version"])
    return {
        "Qayıdış": f"{version('qayidis')} ({_commit()})",
        "Python": platform.python_version(),
        "Postgres": postgres,
        "RabbitMQ": rabbitmq,
        **{name: version(name) for name in _LIBRARIES},
    }


def _commit() -> str:
    asked = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown commit"


def _rules(verdict: Verdict) -> list[tuple[str, ...]]:
    return [(rule, str(verdict.count(rule)), meaning) for rule, meaning in _MEANING.items()]


def _doubts(outcome: Outcome) -> str:
    verdict = outcome.verdict
    left = verdict.in_doubt - verdict.settled_by_receipt
    receipts = outcome.evidence.provider.receipts
    kinds = ", ".join(f"{many:,} {what}" for what, many in receipts.most_common())
    return (
        f"Texts in doubt (`unknown`): {verdict.in_doubt}; a receipt settled "
        f"{verdict.settled_by_receipt}, {left} are left for a person. Texts twice at a phone among "
        f"them: {verdict.doubled_in_doubt}. Receipts sent: {kinds}."
    )


def _clocks(outcome: Outcome) -> str:
    jumps = sum(fault.name == CLOCK_FAULT for fault in outcome.faults)
    if not jumps:
        return "No clock jumped: libfaketime was not there, or its turn did not come."
    return (
        f"Clocks that jumped: {jumps}, in {outcome.clocks_seen} the process's own `Date` said so."
    )


def _refusals(refused: Sequence[str]) -> str:
    said = ", ".join(f"{many:,} {reason}" for reason, many in Counter(refused).most_common())
    return f"Refused, since another desk was first or the family was erased: {said or 'none'}."


def _recovery(name: str, found: Sequence[float | None]) -> tuple[str, ...]:
    seen = [seconds for seconds in found if seconds is not None]
    median = f"{statistics.median(seen):.1f} s" if seen else "-"
    longest = f"{max(seen):.1f} s" if seen else "-"
    return name, str(len(found)), median, longest, str(len(found) - len(seen))


def _controls(damages: Sequence[Damage]) -> Iterator[str]:
    yield "\n### Each guard taken out\n"
    rows = []
    for damage in damages:
        harm = [name for name, _ in damage.control.harm if name != "nothing"] or ["load alone"]
        seen = [f"{rule}: {damage.verdict.count(rule)}" for rule in _MEANING]
        seen = [each for each in seen if not each.endswith(": 0")]
        verdict = "seen" if damage.noticed else "NOT SEEN"
        rows.append(
            (
                damage.control.guard,
                ", ".join(dict.fromkeys(harm)),
                "; ".join(seen),
                damage.example,
                verdict,
            )
        )
    head = ("without", "what was done", "what the judge found", "for example", "damage")
    yield from _table(head, rows)


def _breaches(verdict: Verdict) -> Iterator[str]:
    for rule, breaches in verdict.breaches.items():
        for breach in breaches[:20]:
            yield f"- {rule}: {breach}"
        if len(breaches) > 20:
            yield f"- {rule}: and {len(breaches) - 20} more"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
