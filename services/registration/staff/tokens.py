"""Access tokens of staff: short-lived, signed with the staff's own key (RFC 7519, RFC 9864)."""

import json
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from services.registration.staff.domain import Staff
from shared.auth import ALGORITHMS, ISSUER
from shared.ids import new_id


@dataclass(frozen=True)
class TokenIssuer:
    """Signs tokens that any service of the system can verify by the public key set."""

    key: OKPKey = field(repr=False)
    lifetime: timedelta

    @classmethod
    def from_file(cls, path: Path, lifetime: timedelta) -> "TokenIssuer":
        """Read the private key.

        Raises:
            ValueError: the file holds no private Ed25519 key with a kid.
        """
        try:
            key = OKPKey.import_key(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, AttributeError, JoseError) as failure:
            raise ValueError(f"{path} holds no private Ed25519 key") from failure
        if not key.is_private or key.curve_name != "Ed25519" or not key.kid:
            raise ValueError(f"{path} holds no private Ed25519 key with a kid")
        return cls(key, lifetime)

    @property
    def seconds(self) -> int:
        """How long a token holds."""
        return int(self.lifetime.total_seconds())

    def issue(self, staff: Staff, session_id: UUID) -> str:
        """Sign a token of one session; its roles and district are those of the account now."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": staff.subject,
            "sid": str(session_id),
            "roles": sorted(staff.roles),
            "iat": now,
            "exp": now + self.seconds,
            "jti": str(new_id()),
        }
        if staff.district is not None:
            claims["district"] = staff.district
        header = {"alg": ALGORITHMS[0], "kid": self.key.kid}
        return jwt.encode(header, claims, self.key, algorithms=list(ALGORITHMS))
