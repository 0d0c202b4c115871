"""The negative controls: with a guard taken out, the judge sees what it was there for."""

from pathlib import Path

import pytest

from deploy.bootstrap.accounts import Passwords
from deploy.local.servers import Servers
from tests.faults.controls import CONTROLS, Control, take_out

SEED = 7


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.guard)
def test_the_judge_misses_a_guard_that_is_out(
    own_servers: Servers, passwords: Passwords, tmp_path: Path, control: Control
) -> None:
    damage = take_out(control, SEED, own_servers, passwords, tmp_path)
    assert damage.noticed, damage.verdict.breaches
