"""Who is calling: bearer tokens (RFC 6750, RFC 7519), signed with Ed25519 (RFC 8037)."""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import unquote

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.actors import Actor, act_as
from shared.problems import Problem

Role = Literal["registrar", "organiser", "auditor", "operator", "system"]
ROLES: tuple[Role, ...] = get_args(Role)

ISSUER = "qayidis"
ALGORITHMS = ("Ed25519",)

_CLAIMS = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": ISSUER},
    sub={"essential": True},
    exp={"essential": True},
    roles={"essential": True},
    leeway=30,
)
_REMEMBERED = 1_000
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, and as what; staff also in which session, and bound to which district."""

    subject: str
    roles: frozenset[str]
    district: str | None = None
    session: str | None = None


class Tokens:
    """Verifies tokens against a public JWK Set; one that was good is remembered until it ends."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys
        self._good: dict[str, tuple[Principal, float]] = {}

    @classmethod
    def from_file(cls, path: Path) -> "Tokens":
        """Read the JWK Set (RFC 7517) of a file.

        Raises:
            ValueError: it holds no JWK Set.
        """
        try:
            return cls(KeySet.import_key_set(_parse(path)))
        except (JoseError, KeyError, TypeError, AttributeError) as failure:
            raise ValueError(f"{path} holds no JWK Set") from failure

    def verify(self, token: str) -> Principal:
        """Return who a token speaks for.

        Raises:
            Problem: 401, the token is forged, expired or not for this system.
        """
        known = self._good.get(token)
        if known and known[1] > time.time():
            return known[0]
        try:
            claims = jwt.decode(token, self._keys, algorithms=list(ALGORITHMS)).claims
            _CLAIMS.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise unauthorized("The token is not valid or has expired.") from None
        roles = claims["roles"]
        if not isinstance(roles, list):
            raise unauthorized("The token is not valid or has expired.")
        principal = Principal(
            str(claims["sub"]),
            frozenset(str(role) for role in roles),
            district=_optional(claims.get("district")),
            session=_optional(claims.get("sid")),
        )
        if len(self._good) >= _REMEMBERED:
            self._good.clear()
        self._good[token] = (principal, float(claims["exp"]))
        return principal


def unauthorized(detail: str) -> Problem:
    """The answer to a call without a good token."""
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": "Bearer"})


_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT")


def require(*roles: Role) -> Callable[..., Awaitable[Principal]]:
    """Make the dependency that lets only these roles in: 401 without a token, 403 otherwise.

    From then on the caller is the request's actor; `X-Reason` says why, percent-encoded UTF-8.
    """

    async def authorise(
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> Principal:
        if credentials is None:
            raise unauthorized("Send a token: Authorization: Bearer <JWT>.")
        tokens: Tokens = request.app.state.tokens
        principal = tokens.verify(credentials.credentials)
        if principal.roles.isdisjoint(roles):
            raise Problem(403, "forbidden", f"This needs one of the roles: {', '.join(roles)}.")
        act_as(actor_of(request, principal))
        return principal

    return authorise


def actor_of(request: Request, principal: Principal) -> Actor:
    """Name who acts in a request, from where, and the reason that was given."""
    reason = unquote(request.headers.get("X-Reason", "")).strip()
    return Actor(
        principal.subject,
        principal.roles,
        district=principal.district,
        address=request.client.host if request.client else None,
        reason=reason.replace("\0", "")[:_LONGEST_REASON] or None,
    )


def _optional(claim: object) -> str | None:
    return None if claim is None else str(claim)


def _parse(path: Path) -> Any:
    return json.loads(path.read_text())
