"""The pair of keys that signs and checks bearer tokens."""

import json
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.files import write_atomically

ALGORITHM = "Ed25519"  # RFC 9864; "EdDSA" (RFC 8037) is deprecated by it


def make_keys(directory: Path) -> None:
    """Make `signing.jwk` (mode 0600) and `public.jwks` in `directory`, once.

    A signing key that is there is kept, so tokens stay valid; the public file always fits it.
    Raises DeployError when the directory cannot be written or the key not read.
    """
    signing = directory / "signing.jwk"
    try:
        if not signing.exists():
            key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": ALGORITHM}, private=True)
            write_atomically(signing, json.dumps(_private(key)))
        public = _public_set(signing_key(directory))
        if _text(directory / "public.jwks") != public:
            write_atomically(directory / "public.jwks", public, mode=0o644)
    except OSError as wrong:
        raise DeployError(f"cannot write the keys in {directory}: {wrong.strerror}") from wrong


def signing_key(directory: Path) -> OKPKey:
    """Read the signing key. Raises DeployError when it is missing, unreadable or no Ed25519 key."""
    path = directory / "signing.jwk"
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


def _private(key: OKPKey) -> dict[str, object]:
    return {**key.as_dict(private=True), "kid": key.thumbprint()}


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _public_set(key: OKPKey) -> str:
    return json.dumps(KeySet([key]).as_dict(private=False), indent=1)
