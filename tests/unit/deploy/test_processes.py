"""Processes that outlive their starter and are never mistaken for others."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.bootstrap.failure import DeployError
from deploy.local.processes import Processes, Program

SLEEPER = (sys.executable, "-c", "import time; print('here', flush=True); time.sleep(60)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('deaf', flush=True); time.sleep(60)",
)


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    found = Processes(tmp_path)
    yield found
    for file in (tmp_path / "run").glob("*.json"):
        found.stop(file.stem, seconds=1)


def sleeper(name: str = "sleeper", **settings: str) -> Program:
    return Program(name, SLEEPER, settings=settings)


def wait_for_output(processes: Processes, name: str) -> None:
    for _ in range(200):
        if processes.last_line(name) != "no output":
            return
        time.sleep(0.02)
    raise AssertionError("no output")


def test_a_started_process_runs_in_its_own_session_with_its_settings_and_log(
    processes: Processes,
) -> None:
    running = processes.start(sleeper(COLOUR="blue"))
    wait_for_output(processes, "sleeper")
    assert processes.running("sleeper") == running
    assert os.getsid(running.pid) == running.pid
    environment = Path(f"/proc/{running.pid}/environ").read_bytes().split(b"\0")
    assert b"COLOUR=blue" in environment
    assert processes.last_line("sleeper") == "here"


def test_it_outlives_the_process_that_started_it(processes: Processes, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from deploy.local.processes import *;"
        f"Processes(Path({str(tmp_path)!r})).start(Program('child', {SLEEPER!r}, settings={{}}))"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)
    assert processes.running("child") is not None
    assert processes.stop("child")
    assert processes.running("child") is None


def test_stop_asks_first_and_kills_what_does_not_listen(processes: Processes) -> None:
    stubborn = processes.start(Program("stubborn", STUBBORN, settings={}))
    wait_for_output(processes, "stubborn")
    assert processes.stop("stubborn", seconds=0.3)
    assert not Path(f"/proc/{stubborn.pid}").exists()
    assert not processes.stop("stubborn")


def test_a_recycled_process_id_is_neither_taken_for_ours_nor_killed(
    processes: Processes, tmp_path: Path
) -> None:
    running = processes.start(sleeper())
    processes.kill("sleeper")
    time.sleep(0.05)  # the kernel counts starts in ticks of 10 ms
    with subprocess.Popen(SLEEPER, stdout=subprocess.DEVNULL) as stranger:
        file = tmp_path / "run" / "sleeper.json"
        noted = json.loads(file.read_text())
        file.write_text(json.dumps({**noted, "pid": stranger.pid}))
        assert processes.running("sleeper") is None
        assert not processes.stop("sleeper")
        file.write_text(json.dumps({**noted, "pid": stranger.pid}))
        processes.kill("sleeper")
        assert stranger.poll() is None
        assert running.pid != stranger.pid
        stranger.kill()


def test_one_that_crashed_is_seen_as_gone(processes: Processes) -> None:
    running = processes.start(sleeper())
    os.kill(running.pid, signal.SIGKILL)
    for _ in range(200):
        if processes.running("sleeper") is None:
            break
        time.sleep(0.02)
    assert processes.running("sleeper") is None


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"pid": 1}', "null"])
def test_a_damaged_pid_file_means_not_running(
    processes: Processes, tmp_path: Path, damage: str
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "sleeper.json").write_text(damage)
    assert processes.running("sleeper") is None
    assert not processes.stop("sleeper")


def test_the_fingerprint_changes_with_the_settings_alone() -> None:
    before = sleeper(URL="http://a").fingerprint
    assert before == sleeper(URL="http://a").fingerprint
    assert before != sleeper(URL="http://b").fingerprint
    other_shell = Program("sleeper", SLEEPER, {"URL": "http://a"}, environment={"SHLVL": "7"})
    assert before == other_shell.fingerprint


def test_no_password_is_in_the_pid_file_or_in_the_repr(
    processes: Processes, tmp_path: Path
) -> None:
    program = sleeper(URL="postgresql://app:s3cret@h/d")
    processes.start(program)
    assert "s3cret" not in (tmp_path / "run" / "sleeper.json").read_text()
    assert "s3cret" not in repr(program)


def test_a_command_that_is_not_there_is_one_clear_line(processes: Processes) -> None:
    with pytest.raises(DeployError, match="cannot start ghost: /no/such/program"):
        processes.start(Program("ghost", ("/no/such/program",), settings={}))
