"""Two minutes of `make faults`: nothing lost, nothing twice, nothing stuck, whatever is done."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import uvloop

from deploy.bootstrap.accounts import Passwords
from deploy.local.servers import Servers
from tests.faults.clock import find_library
from tests.faults.harm import FAULTS
from tests.faults.report import Report
from tests.faults.run import Wanted, fault_system, new_run_provider, run
from tests.faults.schedule import one_deck

SEED = 20_261
RATE = 6.0


def test_every_fault_once_breaks_no_promise(
    own_servers: Servers, passwords: Passwords, tmp_path: Path
) -> None:
    if find_library() is None:
        pytest.skip("no libfaketime here, and none could be installed: apt-get install libfaketime")
    provider = new_run_provider(SEED)
    with fault_system(own_servers, passwords, tmp_path, provider) as (system, clocks):
        wanted = Wanted(SEED, 600, RATE, iter(one_deck(SEED, wait=2)))
        outcome = uvloop.run(run(system, own_servers, provider, clocks, wanted))
    print(Report(SEED, RATE, outcome.seconds, {}, outcome, []).text())
    assert {each.name for each in outcome.faults} == set(FAULTS)
    assert outcome.evidence.ledger.repeats > 0, "nobody noticed that anything broke"
    assert outcome.verdict.in_doubt > 0, "no text was ever in doubt"
    assert refusals(outcome.refused) == []
    assert outcome.verdict.clean, outcome.verdict.breaches


def refusals(refused: Sequence[str]) -> list[str]:
    """What was refused, but for what another desk did first; who is erased gives up their seats."""
    return [each for each in refused if not ("already-" in each or "enrolment-cancelled" in each)]
