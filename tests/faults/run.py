"""One run: a system of two replicas each, the load, the schedule of faults, and the verdict."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from deploy.bootstrap.accounts import SERVICES, Passwords
from deploy.local.processes import Program
from deploy.local.servers import Servers
from tests.faults.clock import Clocks, find_library
from tests.faults.desks import Desks
from tests.faults.evidence import Doubts, Evidence, becomes_quiet, collect
from tests.faults.harm import Victim, servers_answer
from tests.faults.judge import Verdict, judge
from tests.faults.ledger import Ledger, now
from tests.faults.load import Load
from tests.faults.provider import Provider, new_provider
from tests.faults.schedule import Planned
from tests.faults.witness import Witness
from tests.support.outside import outside_system
from tests.system import System, Wrap, unique_name, whole_system

REPLICAS = tuple(f"{service}-2" for service in SERVICES)
_SECRET = "only-for-tests"


@dataclass(frozen=True, slots=True)
class Done:
    """One fault that was done: to whom, from when until when (monotonic)."""

    name: str
    to: str
    began: float
    over: float


@dataclass
class Outcome:
    """All that a run has to tell."""

    verdict: Verdict
    evidence: Evidence
    faults: list[Done]
    deaths: Counter[str]
    repeats: Counter[str]
    refused: list[str]
    seconds: float
    settling: float
    recoveries: dict[str, list[float | None]]
    clocks_seen: int
    """Jumps of a clock that the process itself was seen to believe."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run is to be."""

    seed: int
    seconds: float
    rate: float
    faults: Iterator[Planned]
    weights: Mapping[str, float] = field(default_factory=dict)
    """Acts of desks that are more or less frequent than usual."""
    calm: float = 90.0
    """How long all may take to come to rest after the last fault."""
    patience: float = 180.0
    """How long a desk tries, until its call is called stuck."""
    say: Callable[[str], None] = print


@contextmanager
def fault_system(
    servers: Servers, passwords: Passwords, root: Path, provider: Provider, wrap: Wrap | None = None
) -> Iterator[tuple[System, Clocks | None]]:
    """Run two replicas of each service, with clocks that can be set where libfaketime is."""
    library = find_library()
    clocks = Clocks(root / "clocks", library) if library else None

    def both(program: Program) -> Program:
        wrapped = wrap(program) if wrap else program
        return clocks.wrap(wrapped) if clocks else wrapped

    with whole_system(
        servers.administrator,
        passwords,
        root,
        unique_name("faults"),
        settings={"NOTIFICATIONS_SMS_URL": provider.url},
        started=(*SERVICES, *REPLICAS),
        replicas=REPLICAS,
        wrap=both,
    ) as system:
        urls = [url for name, url in system.urls.items() if name.startswith("notifications")]
        provider.send_receipts_to([f"{url}/v1/receipts/handset" for url in urls])
        yield system, clocks


async def run(
    system: System, servers: Servers, provider: Provider, clocks: Clocks | None, wanted: Wanted
) -> Outcome:
    """Put the system under load, do the harm, let it settle, and judge."""
    ledger, witness, began = Ledger(), Witness(), now()
    dice = random.Random(wanted.seed + 1)
    victim = Victim(system, servers, provider, clocks, dice, ledger)
    desks = Desks(system, ledger, wanted.patience)
    load = Load(desks, ledger, seed=wanted.seed, rate=wanted.rate, weights=wanted.weights)
    doubts = Doubts(system)
    done: list[Done] = []
    async with provider.serving(), outside_system(system, "judge", ["#"], witness):
        await load.prepare()
        async with _beside(victim.keep_alive()):
            async with _beside(doubts.watch()):
                harm = asyncio.create_task(_harm(victim, wanted, done))
                await load.run(harm.done)
                await harm
            ended = now()
            await servers_answer(victim)
            left = await becomes_quiet(system, wanted.calm)
            left += await _no_more_receipts(provider, wanted.calm)
            await asyncio.sleep(1)
            settling = now() - ended
            evidence = await collect(system, ledger, witness, provider, doubts)
    await system.close_clients()
    verdict = judge(evidence, [*left, *load.stuck])
    return Outcome(
        verdict=verdict,
        evidence=evidence,
        faults=done,
        deaths=victim.deaths,
        repeats=witness.repeats,
        refused=load.refused,
        seconds=ended - began,
        settling=settling,
        recoveries=recoveries(evidence, done),
        clocks_seen=victim.clocks_seen,
    )


def recoveries(evidence: Evidence, done: Sequence[Done]) -> dict[str, list[float | None]]:
    """After each fault, the seconds until an enrolment begun since was told everywhere.

    That is: acknowledged, heard by another ministry, and a text taken by the provider. None when
    the run ended before.
    """
    told = {each.subject: each.at for each in evidence.heard if "enrolment_" in each.kind}
    phones = evidence.provider.taken_by_phone()
    journeys = []
    for id_, enrolment in evidence.ledger.enrolments.items():
        phone = evidence.ledger.phone_of(UUID(enrolment.body["family_id"]))
        texts = [at for at in phones.get(phone, []) if at >= enrolment.begun]
        if id_ in told and texts:
            journeys.append((enrolment.begun, max(enrolment.answered, told[id_], min(texts))))
    found: dict[str, list[float | None]] = {}
    for fault in done:
        ends = [end for begun, end in journeys if begun >= fault.over]
        found.setdefault(fault.name, []).append(min(ends) - fault.over if ends else None)
    return found


async def _harm(victim: Victim, wanted: Wanted, done: list[Done]) -> None:
    until = now() + wanted.seconds
    for planned in wanted.faults:
        await asyncio.sleep(planned.wait)
        if now() > until:
            return
        began = now()
        to = await planned.act(victim)
        done.append(Done(planned.name, to, began, now()))
        wanted.say(f"{now() - until + wanted.seconds:6.1f} s  {planned.name}: {to}")


async def _no_more_receipts(provider: Provider, seconds: float) -> list[str]:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while provider.under_way:
                await asyncio.sleep(0.2)
    return [f"{provider.under_way} receipts were not taken"] if provider.under_way else []


@asynccontextmanager
async def _beside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def new_run_provider(seed: int) -> Provider:
    """Make the provider of a run."""
    return new_provider(seed, _SECRET)
