"""The system on this machine, without Docker."""

import json
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from deploy.bootstrap.failure import DeployError
from deploy.cli.tokens import issue_token
from deploy.local import system
from deploy.local.where import LOCAL, Where


def up() -> None:
    """Start all that is not running; return when every service is ready."""
    print_addresses(system.up())


def down() -> None:
    """Stop what up or demo started, and nothing else."""
    system.down()


def where() -> None:
    """Print the running system's addresses as JSON, the administrator's URLs among them."""
    print(json.dumps(system.where(), indent=2))


def logs(
    name: Annotated[str | None, typer.Argument(help="One process, e.g. events; else all.")] = None,
    lines: Annotated[int, typer.Option(help="How many of the last lines.", min=1)] = 40,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Print the last lines of the logs."""
    files = _log_files(name)
    command = ["tail", "-n", str(lines), *(["-F"] if follow else []), *map(str, files)]
    try:
        subprocess.run(command, check=False)
    except KeyboardInterrupt:
        return


def demo() -> None:
    """Start everything, play the Barda seminar, and say where to look."""
    # Imported here: only this command needs them, and they bring a lot with them.
    from deploy.cli.demo_account import renew_demo_account  # noqa: PLC0415
    from deploy.local.demo.play import play_seminar  # noqa: PLC0415

    addresses = system.up()
    keys = LOCAL / "keys"
    play_seminar(
        {name: str(url) for name, url in addresses.items()},
        registrar_token=issue_token(["registrar"], "demo", keys_folder=keys),
        organiser_token=issue_token(["organiser"], "demo", keys_folder=keys),
        auditor_token=issue_token(["auditor"], "demo", keys_folder=keys),
    )
    login, password = renew_demo_account()
    print_addresses(addresses)
    print(f"\n  The desk:      {addresses['registration']}/")
    print(f"  Sign in as:    {login}, password {password}")


def print_addresses(addresses: Where) -> None:
    """Print what a person opens in a browser, and what comes next."""
    print()
    for name, url in (
        ("registration", f"{addresses['registration']}/docs"),
        ("events", f"{addresses['events']}/docs"),
        ("notifications", f"{addresses['notifications']}/docs"),
        ("handset", addresses["handset"]),
    ):
        print(f"  {name:<14} {url}")
    print("\n  A token:       .venv/bin/qayidis token --role registrar")
    print("  Stop it all:   make down")


def _log_files(name: str | None) -> list[Path]:
    known = sorted((LOCAL / "logs").glob("*.log"))
    files = [file for file in known if name in (None, file.stem)]
    if not files:
        names = ", ".join(file.stem for file in known) or "none yet"
        raise DeployError(f"no such log; there are: {names}")
    return files
