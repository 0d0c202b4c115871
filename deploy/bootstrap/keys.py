"""The keys of a system: what signs tokens and tickets, and what seals personal data."""

import json
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.files import write_atomically
from shared.sealing import new_ring
from shared.signers import SIGNER

SEALING = ("registration", "notifications")
"""The services that keep personal data."""

ALGORITHM = "Ed25519"  # RFC 9864; "EdDSA" (RFC 8037) is deprecated by it


def make_keys(directory: Path) -> None:
    """Make every key of a system in `directory`, once, each with mode 0600.

    `signing.jwk` signs the operator's tokens, `staff.jwk` those of the staff (by registration),
    `tickets.jwk` tickets; `<service>.seal.json` seals personal data at rest. `public.jwks` holds
    the public half of what signs tokens. A key that is there is kept, so what it signed stays
    valid; the public file always fits. Raises DeployError when the directory cannot be written or
    a key not read.
    """
    try:
        for name in ("signing", "staff", "tickets"):
            _make_signing_key(directory / f"{name}.jwk")
        for service in SEALING:
            _make_ring(ring_file(directory, service))
        public = _public_set(operator=signing_key(directory), staff=signing_key(directory, "staff"))
        if _text(directory / "public.jwks") != public:
            write_atomically(directory / "public.jwks", public, mode=0o644)
    except OSError as wrong:
        raise DeployError(f"cannot write the keys in {directory}: {wrong.strerror}") from wrong


def ring_file(directory: Path, service: str) -> Path:
    """The file that holds the sealing keys of a service."""
    return directory / f"{service}.seal.json"


def signing_key(directory: Path, name: str = "signing") -> OKPKey:
    """Read a signing key. Raises DeployError when it is missing, unreadable or no Ed25519 key."""
    path = directory / f"{name}.jwk"
    try:
        key = OKPKey.import_key(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as missing:
        raise DeployError(
            f"there is no signing key at {path}; set QAYIDIS_KEYS_DIR, or run make up first"
        ) from missing
    except OSError as wrong:
        raise DeployError(f"cannot read the signing key at {path}: {wrong.strerror}") from wrong
    except (ValueError, JoseError) as wrong:
        raise DeployError(f"{path} is not an Ed25519 key (RFC 8037)") from wrong
    if not key.is_private or key.curve_name != "Ed25519" or not key.kid:
        raise DeployError(f"{path} is not a private Ed25519 key with a kid (RFC 8037)")
    return key


def _make_signing_key(path: Path) -> None:
    if path.exists():
        return
    key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": ALGORITHM}, private=True)
    write_atomically(path, json.dumps(_private(key)))


def _make_ring(path: Path) -> None:
    if not path.exists():
        write_atomically(path, json.dumps(new_ring(), indent=1))


def _private(key: OKPKey) -> dict[str, object]:
    return {**key.as_dict(private=True), "kid": key.thumbprint()}


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _public_set(**keys: OKPKey) -> str:
    """Each key says whose it is, so that no service takes one signer for the other."""
    public = [{**key.as_dict(private=False), SIGNER: signer} for signer, key in keys.items()]
    return json.dumps({"keys": public}, indent=1)
