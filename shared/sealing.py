"""Personal data sealed at rest: AES-256-GCM (NIST SP 800-38D) under keys that rotate.

What must be looked up has a keyed index beside it (HMAC-SHA-256), because a plain hash of a FIN or
a phone is guessed in minutes.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.ext.asyncio import AsyncSession

log = structlog.get_logger()

INDEX_BYTES = 16
LOOK_EVERY_SECONDS = 1.0

_NONCE_BYTES = 12
_KEY_BYTES = 32


class SealError(Exception):
    """What was sealed cannot be opened: another key, another context, or it was changed."""


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys that open, the one of them that seals, and the key of the indexes."""

    active: int
    keys: dict[int, AESGCM] = field(repr=False)
    index_key: bytes = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> "Ring":
        """Read a ring of keys.

        Raises:
            ValueError: the file holds none.
        """
        try:
            ring = json.loads(path.read_text(encoding="utf-8"))
            keys = {int(number): base64.b64decode(key) for number, key in ring["keys"].items()}
            active, index_key = int(ring["active"]), base64.b64decode(ring["index"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as failure:
            raise ValueError(f"{path} holds no ring of sealing keys") from failure
        if active not in keys or any(len(key) != _KEY_BYTES for key in (*keys.values(), index_key)):
            raise ValueError(f"{path} holds no ring of sealing keys")
        return cls(active, {number: AESGCM(key) for number, key in keys.items()}, index_key)


class Sealer:
    """Seals under the active key of a ring, and opens what any key of the ring sealed.

    The ring's file is looked at every second, and at once for a key that is not known: keys rotate
    while the services run.
    """

    def __init__(self, ring: Ring, path: Path | None = None) -> None:
        self._ring = ring
        self._path = path
        self._stamp = _stamp(path)
        self._look_at = 0.0

    @classmethod
    def from_file(cls, path: Path) -> "Sealer":
        """Make the sealer of a ring's file.

        Raises:
            ValueError: the file holds no ring.
        """
        return cls(Ring.read(path), path)

    @property
    def active(self) -> int:
        """The number of the key that seals."""
        self._look()
        return self._ring.active

    def seal(self, text: str, context: str) -> bytes:
        """Seal a text; it opens only in the same context, such as `persons.fin`."""
        return self.seal_bytes(text.encode(), context)

    def seal_bytes(self, data: bytes, context: str) -> bytes:
        """Seal bytes; two bytes of key number, the nonce, then what AES-GCM gives."""
        active = self.active
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed: bytes = self._ring.keys[active].encrypt(nonce, data, context.encode())
        return active.to_bytes(2) + nonce + sealed

    def open(self, sealed: bytes, context: str) -> str:
        """Open a text that was sealed in that context.

        Raises:
            SealError: the key is gone, the context is another, or the bytes were changed.
        """
        return self.open_bytes(sealed, context).decode()

    def open_bytes(self, sealed: bytes, context: str) -> bytes:
        """Open bytes that were sealed in that context.

        Raises:
            SealError: the key is gone, the context is another, or the bytes were changed.
        """
        number = key_number(sealed)
        if number not in self._ring.keys:
            self._read_again()
        key = self._ring.keys.get(number)
        if key is None:
            raise SealError(f"no key {number} for {context}")
        nonce, rest = sealed[2 : 2 + _NONCE_BYTES], sealed[2 + _NONCE_BYTES :]
        try:
            opened: bytes = key.decrypt(nonce, rest, context.encode())
        except (InvalidTag, ValueError) as failure:
            raise SealError(f"what was sealed as {context} was changed") from failure
        return opened

    def index(self, text: str, context: str) -> bytes:
        """Make the 16 bytes by which a text is found; the same for ever, whatever key is active."""
        digest = hmac.digest(self._ring.index_key, f"{context}\0{text}".encode(), hashlib.sha256)
        return digest[:INDEX_BYTES]

    def _look(self) -> None:
        now = time.monotonic()
        if self._path is None or now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY_SECONDS
        if _stamp(self._path) != self._stamp:
            self._read_again()

    def _read_again(self) -> None:
        if self._path is None:
            return
        self._stamp = _stamp(self._path)
        try:
            self._ring = Ring.read(self._path)
        except ValueError as failure:
            # The ring that was read before still serves.
            log.error("sealing_keys_unreadable", error=str(failure))


def sealed_as(context: str) -> dict[str, str]:
    """Say in a column's `info` that it is sealed; `qayidis keys reseal` goes by that."""
    return {"sealed": context}


def key_number(sealed: bytes) -> int:
    """Tell which key sealed it."""
    return int.from_bytes(sealed[:2])


class RingFile(TypedDict):
    """A ring as its JSON file holds it; keys are in base64, by number."""

    active: int
    keys: dict[str, str]
    index: str


def new_ring() -> RingFile:
    """Make a ring with one key."""
    return {"active": 1, "keys": {"1": _new_key()}, "index": _new_key()}


def with_new_key(ring: RingFile) -> RingFile:
    """Add a key to a ring and make it the active one; the old ones still open."""
    number = max(ring["active"], *(int(each) for each in ring["keys"])) + 1
    return {**ring, "active": number, "keys": {**ring["keys"], str(number): _new_key()}}


def without_keys(ring: RingFile, numbers: Collection[int]) -> RingFile:
    """Take keys out of a ring, never the active one."""
    kept = {
        number: key
        for number, key in ring["keys"].items()
        if int(number) not in numbers or int(number) == ring["active"]
    }
    return {**ring, "keys": kept}


def sealer_of(session: AsyncSession) -> Sealer:
    """The sealer that the composition root gave to all sessions.

    Raises:
        LookupError: this service has no keys.
    """
    sealer = sealer_if_any(session)
    if sealer is None:
        raise LookupError("this service has no sealing keys")
    return sealer


def sealer_if_any(session: AsyncSession) -> Sealer | None:
    """The sealer of these sessions; a service that keeps no personal data has none."""
    sealer: Sealer | None = session.info.get("sealer")
    return sealer


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def _stamp(path: Path | None) -> tuple[int, int] | None:
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ino) if found else None
