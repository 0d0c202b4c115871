"""How old a look into a dead letter queue is."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.messaging.dead_letters.looking import Seen


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_clock_that_jumps_makes_no_look_older_or_younger(jump: timedelta) -> None:
    seen = Seen((), 0, datetime.now(UTC) + jump)
    assert 0 <= seen.age < 600
