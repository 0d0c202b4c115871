"""The files of the rings: adding a key, and taking out those that nothing needs any more."""

import json
import time
from collections.abc import Collection
from pathlib import Path

from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.files import write_atomically
from deploy.bootstrap.keys import ring_file
from shared.sealing import RingFile, with_new_key, without_keys

SETTLED_SECONDS = 5.0
"""A service notices a new ring within a second; a transaction that seals lasts a few at most."""


def rotate(keys_folder: Path, service: str, handed: Path | None) -> int:
    """Add a key to a service's ring and make it the one that seals; give its number.

    Raises DeployError when the ring cannot be read or written.
    """
    ring = with_new_key(read(keys_folder, service))
    write(keys_folder, service, handed, ring)
    return ring["active"]


def retire(
    keys_folder: Path, service: str, handed: Path | None, needed: Collection[int]
) -> list[int]:
    """Take the keys out that neither seal nor are needed; give their numbers.

    They are kept in `<service>.retired.json` beside the ring, for backups from their time.
    Raises DeployError when a file cannot be read or written.
    """
    ring = read(keys_folder, service)
    out = [int(each) for each in ring["keys"] if int(each) not in {ring["active"], *needed}]
    if not out:
        return []
    archive = keys_folder / f"{service}.retired.json"
    retired = {str(number): ring["keys"][str(number)] for number in out}
    try:
        known = json.loads(archive.read_text(encoding="utf-8")) if archive.exists() else {}
        write_atomically(archive, json.dumps({**known, **retired}, indent=1))
    except (OSError, ValueError) as wrong:
        raise DeployError(f"cannot keep the retired keys in {archive}") from wrong
    write(keys_folder, service, handed, without_keys(ring, out))
    return sorted(out)


def seconds_until_settled(keys_folder: Path, service: str) -> float:
    """How long until no transaction seals with a key that was active before the ring changed."""
    try:
        changed = ring_file(keys_folder, service).stat().st_mtime
    except OSError as wrong:
        raise DeployError("there are no sealing keys; set QAYIDIS_KEYS_DIR") from wrong
    return max(0.0, min(SETTLED_SECONDS, changed + SETTLED_SECONDS - time.time()))


def read(keys_folder: Path, service: str) -> RingFile:
    """Read a ring as its file holds it. Raises DeployError."""
    path = ring_file(keys_folder, service)
    try:
        ring: RingFile = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise DeployError(
            f"cannot read the sealing keys in {path}; set QAYIDIS_KEYS_DIR"
        ) from wrong
    return ring


def write(keys_folder: Path, service: str, handed: Path | None, ring: RingFile) -> None:
    """Write a ring, each file whole or not at all; `handed` is where services find their own.

    First where all keys are, so that none seals anything before it is safe there.
    Raises DeployError.
    """
    text = json.dumps(ring, indent=1)
    own = ring_file(handed / service, service) if handed else None
    for path in (ring_file(keys_folder, service), own):
        try:
            if path is not None:
                write_atomically(path, text)
        except OSError as wrong:
            raise DeployError(f"cannot write {path}: {wrong.strerror}") from wrong
