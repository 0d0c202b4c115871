"""Who is calling: bearer tokens (RFC 6750, RFC 7519), signed with Ed25519 (RFC 8037)."""

import base64
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import unquote

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from shared.actors import Actor, act_as
from shared.problems import Problem
from shared.signers import SIGNER, STAFF_SUBJECT, Signer

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
class SigningKey:
    """A public key, and whose it is."""

    key: OKPKey
    signer: Signer


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, and as what; staff also in which session, and bound to which district."""

    subject: str
    roles: frozenset[str]
    district: str | None = None
    session: str | None = None


class Tokens:
    """Verifies tokens against a public JWK Set; one that was good is remembered until it ends.

    The operator's key speaks for systems and for whoever holds a token of the command line, never
    for a member of the staff; the staff's key for those alone, and never as `system`.
    """

    def __init__(self, keys: Mapping[str, SigningKey]) -> None:
        self._keys = keys
        self._good: dict[str, tuple[Principal, float]] = {}

    @classmethod
    def from_file(cls, path: Path) -> "Tokens":
        """Read the JWK Set (RFC 7517) of a file.

        Raises:
            ValueError: it holds no JWK Set, or a key that does not say whose it is.
        """
        try:
            found = _parse(path)["keys"]
            keys = {str(each["kid"]): _signing_key(each) for each in found}
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as failure:
            raise ValueError(f"{path} holds no JWK Set of this system") from failure
        return cls(keys)

    def public_set(self) -> dict[str, list[dict[str, Any]]]:
        """The JWK Set, for whoever wants to verify tokens."""
        return {"keys": [signing.key.as_dict(private=False) for signing in self._keys.values()]}

    def verify(self, token: str) -> Principal:
        """Return who a token speaks for.

        Raises:
            Problem: 401, the token is forged, expired or not for this system.
        """
        known = self._good.get(token)
        if known and known[1] > time.time():
            return known[0]
        try:
            signing = self._keys[_key_id(token)]
            claims = jwt.decode(token, signing.key, algorithms=list(ALGORITHMS)).claims
            _CLAIMS.validate(claims)
            principal = _principal(claims, signing.signer)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise unauthorized("The token is not valid or has expired.") from None
        if len(self._good) >= _REMEMBERED:
            self._good.clear()
        self._good[token] = (principal, float(claims["exp"]))
        return principal


def _signing_key(jwk: dict[str, Any]) -> SigningKey:
    if jwk[SIGNER] not in {"operator", "staff"}:
        raise ValueError(f"{SIGNER} must be operator or staff")
    return SigningKey(OKPKey.import_key(jwk), jwk[SIGNER])


def _key_id(token: str) -> str:
    header = json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))
    return str(header["kid"])


def _principal(claims: Mapping[str, Any], signer: Signer) -> Principal:
    """Read a verified token's claims; a ValueError where its signer may not say so."""
    subject, roles, session = str(claims["sub"]), claims["roles"], claims.get("sid")
    if not isinstance(roles, list):
        raise ValueError("roles must be a list")
    if subject.startswith(STAFF_SUBJECT) != (signer == "staff"):
        raise ValueError("a key that does not speak for such a subject")
    if signer == "staff" and ("system" in roles or not isinstance(session, str)):
        raise ValueError("no member of the staff")
    return Principal(
        subject,
        frozenset(str(role) for role in roles),
        district=_optional(claims.get("district")),
        session=session if signer == "staff" else None,
    )


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
        principal = await confirmed(request, tokens.verify(credentials.credentials))
        if principal.roles.isdisjoint(roles):
            raise Problem(403, "forbidden", f"This needs one of the roles: {', '.join(roles)}.")
        act_as(actor_of(request, principal))
        return principal

    return authorise


Confirm = Callable[[Request, Principal], Awaitable[Principal]]
"""Asks whether a session still lives; gives its person as they are now, or raises a 401."""


async def confirmed(request: Request, principal: Principal) -> Principal:
    """Ask the service that keeps the sessions, where it is this one; others trust the token."""
    confirm: Confirm | None = getattr(request.app.state, "confirm", None)
    if principal.session is None or confirm is None:
        return principal
    return await confirm(request, principal)


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
