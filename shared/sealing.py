"""Personal data sealed at rest: AES-256-GCM (NIST SP 800-38D) under keys that rotate.

What must be looked up has a keyed index beside it (HMAC-SHA-256), because a plain hash of a FIN or
a phone is guessed in minutes.
"""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.ext.asyncio import AsyncSession

_NONCE_BYTES = 12
_KEY_BYTES = 32
INDEX_BYTES = 16


class SealError(Exception):
    """What was sealed cannot be opened: another key, another context, or it was changed."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals under the active key, and opens what any key of the ring sealed."""

    active: int
    keys: dict[int, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)

    @classmethod
    def from_file(cls, path: Path) -> "Sealer":
        """Read a ring of keys.

        Raises:
            ValueError: the file holds none.
        """
        try:
            ring = json.loads(path.read_text(encoding="utf-8"))
            sealer = cls(
                active=int(ring["active"]),
                keys={int(number): base64.b64decode(key) for number, key in ring["keys"].items()},
                index_key=base64.b64decode(ring["index"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as failure:
            raise ValueError(f"{path} holds no ring of sealing keys") from failure
        every = [*sealer.keys.values(), sealer.index_key]
        if sealer.active not in sealer.keys or any(len(key) != _KEY_BYTES for key in every):
            raise ValueError(f"{path} holds no ring of sealing keys")
        return sealer

    def seal(self, text: str, context: str) -> bytes:
        """Seal a text; it opens only in the same context, such as `persons.fin`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self.keys[self.active]).encrypt(nonce, text.encode(), context.encode())
        return self.active.to_bytes(2) + nonce + sealed

    def open(self, sealed: bytes, context: str) -> str:
        """Open what was sealed in that context.

        Raises:
            SealError: the key is gone, the context is another, or the bytes were changed.
        """
        key = self.keys.get(key_number(sealed))
        if key is None:
            raise SealError(f"no key {key_number(sealed)} for {context}")
        nonce, rest = sealed[2 : 2 + _NONCE_BYTES], sealed[2 + _NONCE_BYTES :]
        try:
            return AESGCM(key).decrypt(nonce, rest, context.encode()).decode()
        except (InvalidTag, ValueError) as failure:
            raise SealError(f"what was sealed as {context} was changed") from failure

    def index(self, text: str, context: str) -> bytes:
        """Make the 16 bytes by which a text is found; the same for ever, whatever key is active."""
        digest = hmac.new(self.index_key, f"{context}\0{text}".encode(), hashlib.sha256)
        return digest.digest()[:INDEX_BYTES]


def key_number(sealed: bytes) -> int:
    """Tell which key sealed it."""
    return int.from_bytes(sealed[:2])


def new_ring() -> dict[str, object]:
    """Make a ring with one key, as its file holds it."""
    return {"active": 1, "keys": {"1": _new_key()}, "index": _new_key()}


def with_new_key(ring: dict[str, object]) -> dict[str, object]:
    """Add a key to a ring and make it the active one; the old ones still open."""
    keys = dict(ring["keys"])  # type: ignore[call-overload]
    number = max(int(each) for each in keys) + 1
    return {**ring, "active": number, "keys": {**keys, str(number): _new_key()}}


def sealer_of(session: AsyncSession) -> Sealer:
    """The sealer that the composition root gave to all sessions."""
    sealer: Sealer = session.info["sealer"]
    return sealer


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
