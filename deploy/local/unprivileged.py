"""Whom Postgres runs as when we are root, and where that user can keep its data."""

import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from deploy.bootstrap.failure import DeployError


def server_user() -> str | None:
    """The user to run Postgres as: `postgres` or `nobody` for root, else oneself (None)."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise DeployError("Postgres will not run as root, and there is no user postgres or nobody")


def data_folder(wanted: Path, user: str | None) -> Path:
    """Make the folder for the data, owned by `user`, and give its real place.

    When `user` cannot reach `wanted`, as in a clone under /root, the data lie under /var/tmp
    and `wanted` is a link to them. Raises DeployError when that place is someone else's.
    """
    wanted.parent.mkdir(parents=True, exist_ok=True)
    if user is None:
        wanted.mkdir(mode=0o700, exist_ok=True)
        return wanted
    if wanted.is_symlink() and wanted.exists():
        return wanted.resolve()
    if not wanted.is_symlink() and _reaches(user, wanted.parent):
        _own(wanted, user)
        return wanted
    return _elsewhere(wanted, user)


def remove_data(wanted: Path) -> None:
    """Remove the folder made by `data_folder`, wherever it really is."""
    if wanted.is_symlink():
        shutil.rmtree(wanted.resolve(), ignore_errors=True)
        wanted.unlink()
    elif wanted.exists():
        shutil.rmtree(wanted)


def _elsewhere(wanted: Path, user: str) -> Path:
    name = hashlib.sha256(str(wanted.absolute()).encode()).hexdigest()[:12]
    place = Path("/var/tmp") / f"qayidis-{name}"  # noqa: S108  ownership is checked below
    if place.exists() or place.is_symlink():
        # /var/tmp is anyone's: take only a real folder that our user made for this very path.
        if place.is_symlink() or place.owner() != user:
            raise DeployError(f"{place} is in the way: it is not ours; remove it")
        shutil.rmtree(place)  # left behind by a .local that was deleted
    _own(place, user)
    wanted.unlink(missing_ok=True)
    wanted.symlink_to(place)
    return place


def _own(folder: Path, user: str) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    entry = pwd.getpwnam(user)
    os.chown(folder, entry.pw_uid, entry.pw_gid)


def _reaches(user: str, folder: Path) -> bool:
    entry = pwd.getpwnam(user)
    found = subprocess.run(
        ["test", "-x", str(folder)],
        check=False,
        user=entry.pw_uid,
        group=entry.pw_gid,
        extra_groups=[],
        cwd="/",
    )
    return found.returncode == 0
