"""Each guard once taken out, with the harm that it is there for: the judge must see the damage."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import uvloop

from deploy.bootstrap.accounts import SERVICES, Passwords
from deploy.local.processes import Program
from deploy.local.servers import Servers
from tests.faults.harm import (
    Act,
    crash_full_rabbitmq,
    kill_in_call,
    leave_alone,
    send_erasures_again,
    stop_rabbitmq,
    take_binding,
)
from tests.faults.judge import Verdict
from tests.faults.run import Wanted, fault_system, new_run_provider, run
from tests.faults.schedule import Planned
from tests.system import Wrap

_RATE = 8.0
_BEFORE = 10.0
"""Seconds of load before each harm, so that there is something to harm."""


def without_guard(guard: str) -> Wrap:
    """Start every service without a guard."""

    def start(program: Program) -> Program:
        service = program.name.partition("-")[0]
        if service not in SERVICES:
            return program
        command = (sys.executable, "-m", "tests.faults.without", guard, service)
        return replace(program, command=command)

    return start


@dataclass(frozen=True, slots=True)
class Control:
    """A guard, what is done while it is out, and which rules are then broken."""

    guard: str
    harm: Sequence[tuple[str, Act]]
    breaks: frozenset[str]
    more: Mapping[str, float] = field(default_factory=dict)
    """Acts of desks that are more frequent than usual."""

    def faults(self) -> list[Planned]:
        """The harm as a schedule; the last entry leaves time for what it did to be seen."""
        planned = [Planned(name, act, _BEFORE) for name, act in self.harm]
        return [*planned, Planned("nothing", leave_alone, 3)]


@dataclass(frozen=True, slots=True)
class Damage:
    """What the judge saw with one guard taken out."""

    control: Control
    verdict: Verdict

    @property
    def noticed(self) -> bool:
        """Whether each rule that must break without the guard was seen broken."""
        return all(self.verdict.count(rule) for rule in self.control.breaks)

    @property
    def example(self) -> str:
        """The first breach of a rule that must break."""
        found = [each for rule in self.control.breaks for each in self.verdict.breaches[rule]]
        return next(iter(found), "")


def take_out(
    control: Control, seed: int, servers: Servers, passwords: Passwords, root: Path
) -> Damage:
    """Run once without a guard, and give what the judge found."""
    print(f"without the {control.guard}:")
    provider = new_run_provider(seed)
    folder = root / f"without-{control.guard.replace(' ', '-')}"
    with fault_system(servers, passwords, folder, provider, without_guard(control.guard)) as (
        system,
        clocks,
    ):
        wanted = Wanted(seed, 600, _RATE, iter(control.faults()), control.more, 20, 20)
        outcome = uvloop.run(run(system, servers, provider, clocks, wanted))
    damage = Damage(control, outcome.verdict)
    broken = [f"{rule} {outcome.verdict.count(rule)}" for rule in outcome.verdict.breaches]
    print(f"    {', '.join(broken)}: {'seen' if damage.noticed else 'NOT SEEN'}")
    return damage


CONTROLS = (
    Control(
        "outbox",
        [("RabbitMQ stopped and started", stop_rabbitmq)],
        frozenset({"lost facts"}),
    ),
    Control(
        "inbox",
        [("outboxes sent again", send_erasures_again)],
        frozenset({"parked"}),
        more={"erase": 60},
    ),
    Control("seat lock", [("nothing", leave_alone)] * 2, frozenset({"seats oversold"})),
    Control(
        "attempt ledger",
        [("kill -9 in the middle of calls", kill_in_call)] * 2,
        frozenset({"doubled texts"}),
    ),
    Control(
        "relay's advisory lock",
        [("nothing", leave_alone)] * 2,
        frozenset({"doubled facts", "gaps in sequence"}),
    ),
    Control(
        "publisher confirms",
        [("RabbitMQ killed while its disk is full", crash_full_rabbitmq)],
        frozenset({"lost facts"}),
    ),
    Control(
        "mandatory routing",
        [("a queue loses its binding", take_binding)],
        frozenset({"lost texts"}),
    ),
)
"""Every guard, in the order of the report."""
