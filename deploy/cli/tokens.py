"""Bearer tokens for people and systems."""

import os
import time
import uuid
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from joserfc import jwt

from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.keys import ALGORITHM, signing_key
from deploy.local.where import LOCAL
from shared.signers import STAFF_SUBJECT

ISSUER = "qayidis"
_DAY = 24 * 60 * 60


class Role(StrEnum):
    """What a bearer may do; see the roles of the HTTP contracts."""

    REGISTRAR = "registrar"
    ORGANISER = "organiser"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    SYSTEM = "system"


def issue_token(
    roles: Sequence[str],
    subject: str | None = None,
    seconds: int = _DAY,
    keys_folder: Path | None = None,
) -> str:
    """Sign a bearer token (RFC 7519, Ed25519) that holds for `seconds` from now.

    Raises DeployError for an unknown role, a subject of the staff, a time that is not positive, or
    a missing key.
    """
    unknown = [role for role in roles if role not in list(Role)]
    if unknown or not roles:
        raise DeployError(f"a role is one of {', '.join(Role)}, not {', '.join(unknown) or '…'}")
    if subject is not None and subject.startswith(STAFF_SUBJECT):
        raise DeployError("a subject that begins with staff: belongs to whoever signs in")
    if seconds <= 0:
        raise DeployError("a token must hold for at least a second")
    key = signing_key(keys_folder or keys_from_environment())
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "sub": subject or f"{roles[0]}@qayidis",
        "roles": [str(role) for role in roles],
        "iat": now,
        "exp": now + seconds,
        "jti": str(uuid.uuid4()),
    }
    header = {"alg": ALGORITHM, "kid": key.kid}
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


def keys_from_environment() -> Path:
    """The folder of the keys: QAYIDIS_KEYS_DIR, else the private system's."""
    return Path(os.environ.get("QAYIDIS_KEYS_DIR") or LOCAL / "keys")


def token(
    role: Annotated[list[Role], typer.Option(help="What the bearer may do; may be repeated.")],
    subject: Annotated[
        str | None, typer.Option(help="Who the bearer is; it goes to the audit log.")
    ] = None,
    ttl: Annotated[int, typer.Option(help="Seconds it holds for.", min=1)] = _DAY,
) -> None:
    """Print a bearer token, and nothing else."""
    print(issue_token(role, subject, ttl))
