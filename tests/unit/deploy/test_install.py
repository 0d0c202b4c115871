"""Which installed or installable programs are new enough."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.postgres import _check
from deploy.local import install


@pytest.mark.parametrize(
    ("package", "candidate", "enough"),
    [
        ("postgresql", "14+238", False),
        ("postgresql", "15+248", True),
        ("postgresql", "16+257build1.1", True),
        ("rabbitmq-server", "3.9.13-1ubuntu0.22.04.2", False),
        ("rabbitmq-server", "3.10.8-1.1+deb12u1", True),
        ("rabbitmq-server", "3.12.1-1ubuntu1", True),
        ("rabbitmq-server", "1:4.0.5-6", True),
        ("rabbitmq-server", "(none)", False),
        ("rabbitmq-server", None, False),
    ],
)
def test_a_package_is_taken_only_when_it_is_new_enough(
    package: str,
    candidate: str | None,
    enough: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    apt = tmp_path / "apt-cache"
    text = f"{package}:\\n  Installed: (none)\\n  Candidate: {candidate}\\n" if candidate else ""
    apt.write_text(f"#!/bin/sh\nprintf '{text}'\n")
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert install._is_new_enough(package) is enough


class OldServer:
    """A connection as the check sees it."""

    def __init__(self, major: int, superuser: bool) -> None:
        self._major = major
        self._superuser = superuser

    def get_server_version(self) -> SimpleNamespace:
        return SimpleNamespace(major=self._major, minor=3)

    async def fetchval(self, _: str) -> bool:
        return self._superuser


async def test_an_old_postgres_is_one_clear_line() -> None:
    with pytest.raises(DeployError, match=r"^this Postgres is 14\.3; 15 or later is needed$"):
        await _check(OldServer(14, superuser=True))
    await _check(OldServer(15, superuser=True))
    with pytest.raises(DeployError, match=r"^QAYIDIS_POSTGRES_URL must be a superuser's$"):
        await _check(OldServer(17, superuser=False))
