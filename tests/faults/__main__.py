"""`make faults`: a whole run, every guard taken out once, and the report of both."""

import argparse
import logging
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop

from deploy.bootstrap.accounts import Passwords
from deploy.local.secrets import private_secrets
from deploy.local.servers import Servers
from tests.faults.controls import CONTROLS, Damage, take_out
from tests.faults.harm import CLOCK_FAULT
from tests.faults.report import Report, versions
from tests.faults.run import Outcome, Wanted, fault_system, new_run_provider, run
from tests.faults.schedule import plan
from tests.support.servers import durable_servers

_REPORT = Path("docs/reliability.md")


def main() -> None:
    """Run the suite; the exit code is 0 when every rule was kept and every control noticed."""
    asked = _arguments()
    # Whoever stops this, servers and services are stopped with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # Our own client's tries to reach a broker that is down are no news here.
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)
    logging.getLogger("aio_pika").setLevel(logging.CRITICAL)
    with _folder(asked.logs) as root:
        passwords = private_secrets(root / "secrets").passwords
        with durable_servers(root / "servers") as servers:
            found = versions(servers)
            outcome = None if asked.controls_only else _whole_run(asked, servers, passwords, root)
            damages = [] if asked.no_controls else _controls(asked, servers, passwords, root)
    report = Report(asked.seed, asked.rate, asked.seconds, found, outcome, damages)
    print(report.text())
    if asked.write:
        report.write(_REPORT)
        print(f"written to {_REPORT}")
    sys.exit(0 if report.good else 1)


def _whole_run(
    asked: argparse.Namespace, servers: Servers, passwords: Passwords, root: Path
) -> Outcome:
    provider = new_run_provider(asked.seed)
    with fault_system(servers, passwords, root / "run", provider) as (system, clocks):
        without = [] if clocks else [CLOCK_FAULT]
        faults = plan(asked.seed, wait=asked.wait, without=without)
        wanted = Wanted(asked.seed, asked.seconds, asked.rate, faults)
        return uvloop.run(run(system, servers, provider, clocks, wanted))


def _controls(
    asked: argparse.Namespace, servers: Servers, passwords: Passwords, root: Path
) -> list[Damage]:
    chosen = [each for each in CONTROLS if not asked.only or each.guard in asked.only]
    return [take_out(each, asked.seed, servers, passwords, root) for each in chosen]


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.absolute()
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        yield root


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=4, help="of the schedule and the load")
    parser.add_argument("--seconds", type=float, default=900, help="how long harm is done")
    parser.add_argument("--rate", type=float, default=8, help="acts of desks a second, at most")
    parser.add_argument("--wait", type=float, default=5, help="seconds between two faults, about")
    parser.add_argument("--no-controls", action="store_true", help="take no guard out")
    parser.add_argument("--controls-only", action="store_true", help="only take guards out")
    parser.add_argument("--only", action="append", help="take only this guard out")
    parser.add_argument("--write", action="store_true", help=f"write {_REPORT}")
    parser.add_argument("--logs", type=Path, help="a folder to keep, with every log")
    return parser.parse_args()


if __name__ == "__main__":
    main()
