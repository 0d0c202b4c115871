"""Two minutes of `make faults`: nothing lost, nothing twice, nothing stuck, whatever is done."""

import warnings
from pathlib import Path

import uvloop

from deploy.bootstrap.accounts import Passwords
from deploy.local.servers import Servers
from tests.faults.clock import find_library
from tests.faults.desks import surprising
from tests.faults.harm import CLOCK_FAULT, FAULTS
from tests.faults.report import Report
from tests.faults.run import Wanted, fault_system, new_run_provider, run
from tests.faults.schedule import one_deck

SEED = 20_261
RATE = 6.0


def test_every_fault_once_breaks_no_promise(
    own_servers: Servers, passwords: Passwords, tmp_path: Path
) -> None:
    without = [] if find_library() else [CLOCK_FAULT]
    if without:
        warnings.warn("no clock jumps: apt-get install libfaketime", stacklevel=1)
    provider = new_run_provider(SEED)
    with fault_system(own_servers, passwords, tmp_path, provider) as (system, clocks):
        wanted = Wanted(SEED, 600, RATE, iter(one_deck(SEED, wait=2, without=without)))
        outcome = uvloop.run(run(system, own_servers, provider, clocks, wanted))
    print(Report(SEED, RATE, outcome.seconds, {}, outcome, []).text())
    assert {each.name for each in outcome.faults} == set(FAULTS) - set(without)
    assert outcome.clocks_seen == (CLOCK_FAULT not in without), "no process believed its clock"
    assert outcome.evidence.ledger.repeats > 0, "nobody noticed that anything broke"
    assert outcome.verdict.in_doubt > 0, "no text was ever in doubt"
    assert surprising(outcome.refused) == []
    assert outcome.verdict.clean, outcome.verdict.breaches
