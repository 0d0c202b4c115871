"""What the services' log says, and what it never does, whoever logs."""

import asyncio
import json
import logging
import subprocess
import sys
from typing import Any

import pytest

from shared.observability import describe

SECRET = "Həsənov +994501234567 5ZK21QB ali@example.az"


def logged(code: str) -> list[dict[str, Any]]:
    """Run some code in a process that logs as a service does; its lines, every one of them JSON."""
    setup = f"from shared.logs import *\nSECRET = {SECRET!r}\nconfigure_logging('desk', 'DEBUG')\n"
    ran = subprocess.run(
        [sys.executable, "-c", setup + code], capture_output=True, text=True, check=False
    )
    lines = [json.loads(line) for line in (ran.stdout + ran.stderr).splitlines()]
    for line in lines:
        assert {"event", "level", "timestamp", "service"} <= line.keys()
        assert line["service"] == "desk"
    text = json.dumps(lines, ensure_ascii=False)
    assert [word for word in SECRET.split() if word in text] == []
    return lines


def test_a_line_names_the_cause_of_the_work() -> None:
    [line, without] = logged("""
from shared.tracing import new_cause, working_for
cause = new_cause(correlation_id="c-1", traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
with working_for(cause):
    log.info("inside", id="1")
log.info("outside")
""")
    assert (line["correlation_id"], line["trace_id"]) == ("c-1", "a" * 32)
    assert "correlation_id" not in without


def test_a_library_s_line_names_the_cause_too_and_keeps_its_numbers_alone() -> None:
    [line] = logged("""
from shared.tracing import new_cause, working_for
import logging
with working_for(new_cause(correlation_id="c-2")):
    logging.getLogger("some.library").warning("took %s off %d, %.1f left", SECRET, 7, 2.5)
""")
    assert line["event"] == "took … off 7, 2.5 left"
    assert (line["logger"], line["level"], line["correlation_id"]) == (
        "some.library",
        "warning",
        "c-2",
    )


def test_a_library_s_traceback_and_second_line_are_left_out() -> None:
    [line] = logged("""
import logging
try:
    raise ValueError(f"cannot read '{SECRET}'")
except ValueError:
    logging.getLogger("uvicorn.error").exception("Exception in ASGI application\\n%s", SECRET)
""")
    assert line["event"] == "Exception in ASGI application"
    assert line["error"] == "ValueError: cannot read …"
    assert "exc_info" not in line


@pytest.mark.parametrize(
    ("code", "event"),
    [
        ("raise ValueError(f'no such {SECRET!r}')", "uncaught"),
        ("import warnings; warnings.warn(f'see\\n{SECRET}')", None),
        (
            "import threading\nthread = threading.Thread(target=lambda: {}[SECRET])\n"
            "thread.start(); thread.join()",
            "thread_failed",
        ),
        (
            "class Odd:\n  def __del__(self): raise KeyError(SECRET)\nodd = Odd(); del odd",
            "unraisable",
        ),
        (
            "async def fail(): raise ValueError(f'{SECRET!r}')\n"
            "async def main():\n"
            "  log_failures_of(asyncio.get_running_loop())\n"
            "  task = asyncio.create_task(fail()); await asyncio.sleep(0); del task\n"
            "  import gc; gc.collect()\n"
            "asyncio.run(main())",
            "task_failed",
        ),
    ],
)
def test_what_nobody_caught_is_one_line_without_what_it_says(code: str, event: str | None) -> None:
    [line] = logged(code)
    assert event in {line["event"], None}


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (KeyError("Həsənov"), "KeyError: …"),
        (ValueError("invalid literal for int() with base 10: '5ZK21QB'"), "…"),
        (ValueError("no family has 5ZK21QB"), "has …"),
        (ValueError('invalid value for "TimeZone": "Həsənov"'), 'for "TimeZone": …'),
        (RuntimeError("no 050 123 45 67 nor ali@example.az"), "no … nor …"),
        (TypeError('violates unique constraint "uq_fin"'), 'constraint "uq_fin"'),
        (asyncio.CancelledError(), "CancelledError"),
    ],
)
def test_a_failure_is_told_without_the_values_it_quotes(failure: BaseException, told: str) -> None:
    assert describe(failure).endswith(told)
    assert not [word for word in SECRET.split() if word in describe(failure)]


def test_below_warning_libraries_are_not_heard() -> None:
    assert logged("logging.getLogger('asyncio').debug('x'); logging.info('y')") == []
    assert logging.getLogger("shared") is not None
