"""The key that signs tickets: Ed25519 (RFC 8032), held as a JWK (RFC 7517, RFC 8037)."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.tickets.domain import (
    KEY_NUMBER_BYTES,
    PREFIX,
    Ticket,
    TicketError,
    claim_of,
    read_claim,
    read_code,
    write_code,
)

_ALGORITHM = "Ed25519"  # RFC 9864


@dataclass(frozen=True)
class TicketKeys:
    """Signs with the first key of the file, and knows the signatures of all of them."""

    _key: OKPKey = field(repr=False)
    _private: Ed25519PrivateKey = field(repr=False)
    _public: Mapping[bytes, Ed25519PublicKey] = field(repr=False)
    public_set: Mapping[str, Any]

    @classmethod
    def from_file(cls, path: Path) -> "TicketKeys":
        """Read a private JWK, or a JWK Set whose first key signs while the others only verify.

        Raises:
            ValueError: it holds no such key.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            keys = [OKPKey.import_key(each) for each in content.get("keys", [content])]
            return cls.of(keys)
        except (OSError, ValueError, JoseError, KeyError, TypeError, AttributeError) as failure:
            raise ValueError(f"{path} holds no private Ed25519 key (RFC 8037)") from failure

    @classmethod
    def of(cls, keys: list[OKPKey]) -> "TicketKeys":
        """Take these keys; the first one signs."""
        private = keys[0].private_key
        if not isinstance(private, Ed25519PrivateKey):
            raise ValueError("the first key is not a private Ed25519 key")
        public = {_number(key): key.public_key for key in keys}
        if not all(isinstance(key, Ed25519PublicKey) for key in public.values()):
            raise ValueError("a key is not an Ed25519 key")
        return cls(keys[0], private, public, {"keys": [_public(key) for key in keys]})  # type: ignore[arg-type]

    def write(self, ticket: Ticket) -> str:
        """Write a ticket as a signed code; the same ticket always gives the same code."""
        claim = claim_of(ticket, _number(self._key))
        return write_code(claim, self._private.sign(_signed(claim)))

    def read(self, code: str) -> Ticket:
        """Read a signed code that was typed or scanned.

        Raises:
            TicketError: it is cut short, forged, signed by another key, or no code at all.
        """
        claim, signature = read_code(code)
        key = self._public.get(claim[:KEY_NUMBER_BYTES])
        if key is None:
            raise TicketError("ticket-unknown-key")
        try:
            key.verify(signature, _signed(claim))
        except InvalidSignature:
            raise TicketError("ticket-forged") from None
        return read_claim(claim)

    def sign_list(self, content: Mapping[str, Any]) -> str:
        """Sign a list as a compact JWS (RFC 7515)."""
        header = {"alg": _ALGORITHM, "kid": self._key.thumbprint()}
        payload = json.dumps(content, separators=(",", ":")).encode()
        return jws.serialize_compact(header, payload, self._key, algorithms=[_ALGORITHM])


def ticket_keys_of(session: AsyncSession) -> TicketKeys:
    """The keys that the composition root gave to all sessions."""
    keys: TicketKeys = session.info["ticket_keys"]
    return keys


def _signed(claim: bytes) -> bytes:
    return PREFIX.encode() + claim


def _number(key: OKPKey) -> bytes:
    """The first bytes of the key's thumbprint (RFC 7638)."""
    return base64.urlsafe_b64decode(key.thumbprint() + "=")[:KEY_NUMBER_BYTES]


def _public(key: OKPKey) -> dict[str, Any]:
    public = key.as_dict(private=False)
    return {**public, "kid": key.thumbprint(), "alg": _ALGORITHM, "use": "sig"}
