"""Finding the servers' programs on this machine, and installing them when they are missing."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.bootstrap.failure import DeployError

OLDEST_POSTGRES = 15
OLDEST_RABBITMQ = (3, 10)

# Debian starts a server as soon as its package is there; ours are private, so it must not.
_SCRIPT = """
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > $policy
  chmod 755 $policy
fi
export DEBIAN_FRONTEND=noninteractive
apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"
if [ -d /run/systemd/system ]; then
  for package in "$@"; do systemctl --quiet disable --now $package || true; done
fi
"""


@dataclass(frozen=True)
class Programs:
    """Where the servers' programs are."""

    postgres_bin: Path
    rabbitmq_server: Path
    epmd: Path


def find_programs() -> Programs | None:
    """Find Postgres 15 or later and RabbitMQ 3.10 or later; None when either is missing."""
    postgres, rabbitmq, epmd = _find_postgres(), _find_rabbitmq(), _find_epmd()
    if postgres is None or rabbitmq is None or epmd is None:
        return None
    return Programs(postgres, rabbitmq, epmd)


def install_programs(log: Path, say: Callable[[str], None]) -> Programs | None:
    """Install what is missing by apt, as root or by sudo without a password.

    Debian's own services of these packages stay off. None when this machine has no apt, no such
    right, or too old packages. Raises DeployError naming the log when apt fails.
    """
    become = _root_command()
    if become is None or shutil.which("apt-get") is None:
        return None
    log.parent.mkdir(parents=True, exist_ok=True)
    _run([*become, "apt-get", "update", "-q"], log)
    packages = missing_packages()
    if not all(_is_new_enough(package) for package in packages):
        return None
    say(f"installing {' and '.join(packages)} (log: {log})")
    _run([*become, "sh", "-c", _SCRIPT, "install", *packages], log)
    found = find_programs()
    if found is None:
        raise DeployError(f"{' and '.join(packages)} installed, yet not found (log: {log})")
    return found


def install_package(package: str, log: Path) -> bool:
    """Install one of the distribution's packages as above; False where that is not allowed.

    Raises DeployError naming the log when apt fails.
    """
    become = _root_command()
    if become is None or shutil.which("apt-get") is None:
        return False
    log.parent.mkdir(parents=True, exist_ok=True)
    _run([*become, "apt-get", "update", "-q"], log)
    _run([*become, "sh", "-c", _SCRIPT, "install", package], log)
    return True


def missing_packages() -> list[str]:
    """Name the packages that are not here, or too old."""
    postgres = [] if _find_postgres() else ["postgresql"]
    rabbitmq = [] if _find_rabbitmq() and _find_epmd() else ["rabbitmq-server"]
    return postgres + rabbitmq


def _find_postgres() -> Path | None:
    folders = [
        (int(folder.parent.name), folder)
        for folder in Path("/usr/lib/postgresql").glob("*/bin")
        if folder.parent.name.isdigit() and (folder / "initdb").exists()
    ]
    new_enough = [each for each in folders if each[0] >= OLDEST_POSTGRES]
    return max(new_enough)[1] if new_enough else None


def _find_rabbitmq() -> Path | None:
    # Not /usr/sbin/rabbitmq-server: Debian's wrapper is for root and the user rabbitmq alone.
    found = []
    for script in Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"):
        version = _version(script.parent.parent.name)
        if version >= OLDEST_RABBITMQ:
            found.append((version, script))
    return max(found)[1] if found else None


def _find_epmd() -> Path | None:
    named = shutil.which("epmd")
    if named:
        return Path(named)
    return next(iter(sorted(Path("/usr/lib/erlang").glob("erts-*/bin/epmd"))), None)


def _is_new_enough(package: str) -> bool:
    answer = subprocess.run(
        ["apt-cache", "policy", package],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    candidate = re.search(r"Candidate: (?:\d+:)?(\S+)", answer.stdout)
    if candidate is None:
        return False
    oldest = (OLDEST_POSTGRES,) if package == "postgresql" else OLDEST_RABBITMQ
    return _version(candidate[1]) >= oldest


def _version(text: str) -> tuple[int, ...]:
    numbers = re.search(r"(\d+)(?:\.(\d+))?", text)
    return tuple(int(part) for part in numbers.groups() if part) if numbers else (0,)


def _root_command() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if allowed.returncode == 0 else None


def _run(command: list[str], log: Path) -> None:
    with log.open("ab") as output:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        lines = log.read_text(errors="replace").splitlines()
        wrong = [line for line in lines if line.startswith("E:")] or lines[-1:]
        raise DeployError(f"apt failed: {' '.join(wrong[-1:])} (log: {log})")
