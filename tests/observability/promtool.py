"""The distribution's Prometheus: found, or installed where that is allowed."""

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from deploy.bootstrap.failure import DeployError
from deploy.local.install import install_package
from deploy.local.lock import exclusively

FOLDER = Path(__file__).parents[2] / "deploy" / "observability"


@cache
def why_no_prometheus() -> str | None:
    """Install Debian's package where it is missing; tell why there is none, else None."""
    if _is_here():
        return None
    log = Path(tempfile.mkdtemp(prefix="qayidis-prometheus-")) / "apt.log"
    try:
        # Test processes come here at once, and apt lets in one.
        with exclusively(Path(tempfile.gettempdir()) / "qayidis-apt", print):
            if not _is_here():
                install_package("prometheus", log)
    except DeployError as failure:
        return str(failure)
    if _is_here():
        return None
    return "no Prometheus here, and none could be installed: apt-get install prometheus"


def promtool(
    *arguments: str, folder: Path = FOLDER, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run promtool in a folder, with a text to read; what it said is one text."""
    return subprocess.run(
        ["promtool", *arguments],
        cwd=folder,
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )


def _is_here() -> bool:
    return all(shutil.which(program) for program in ("prometheus", "promtool"))
