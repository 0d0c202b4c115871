"""Signing in at another provider: OpenID Connect Core 1.0, authorization code with PKCE (RFC 7636).

The provider is found by its issuer alone (OpenID Connect Discovery 1.0). What it says of a person
counts only when its signature, issuer, audience, times and nonce are right.
"""

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import SecretStr

from shared.problems import Problem

ALGORITHMS = ("RS256", "PS256", "ES256", "Ed25519", "EdDSA")
"""Signatures with a public key; `none` and shared secrets are no proof."""

_SCOPE = "openid profile email"
_SECONDS = 10
_LEEWAY = 60
_KEPT = 3600
_FRESH = 30
_LARGEST = 1_000_000


class OidcError(Exception):
    """What came from the provider is no proof of who somebody is; its text says why."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Which provider, and as whom we are known there."""

    issuer: str
    client_id: str
    client_secret: SecretStr


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in, kept by the browser that began it."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Attempt":
        """Begin one, unguessable."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    @property
    def challenge(self) -> str:
        """The hash of the verifier (S256)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says somebody is."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]

    @property
    def email(self) -> str | None:
        """The address, where the provider has verified it."""
        email = self.claims.get("email")
        verified = self.claims.get("email_verified") is True
        return email.strip().lower() if verified and isinstance(email, str) else None


@dataclass
class OidcClient:
    """Talks to one provider; what it published is remembered for an hour."""

    provider: Provider
    login_claim: str | None = None
    _metadata: tuple[dict[str, Any], float] | None = None
    _keys: tuple[KeySet, float] | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def authorization_url(self, attempt: Attempt, redirect_uri: str) -> str:
        """Where a browser is sent to sign in.

        Raises:
            Problem: 503, the provider cannot be reached.
        """
        query = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": _SCOPE,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        endpoint = (await self._discovered())["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def identify(self, attempt: Attempt, code: str, redirect_uri: str) -> Identity:
        """Exchange a code for proof of who signed in.

        Raises:
            OidcError: the provider refuses it, or its proof is wrong.
            Problem: 503, the provider cannot be reached.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
        endpoint = (await self._discovered())["token_endpoint"]
        answer = await self._ask("POST", endpoint, form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise OidcError("no ID token")
        identity = await self.verify(token, attempt.nonce)
        return await self._with_userinfo(identity, answer.get("access_token"))

    async def verify(self, token: str, nonce: str) -> Identity:
        """Verify an ID token (OpenID Connect Core 1.0, section 3.1.3.7).

        Raises:
            OidcError: it is not signed by the provider, not for us, not of this try, or too old.
            Problem: 503, the provider cannot be reached.
        """
        try:
            claims = await self._signed(token)
            self._check(claims, nonce)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as failure:
            raise OidcError(f"the ID token is not valid: {type(failure).__name__}") from failure
        return Identity(self.provider.issuer, claims["sub"], claims)

    def _check(self, claims: dict[str, Any], nonce: str) -> None:
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": self.provider.issuer},
            sub={"essential": True},
            aud={"essential": True, "value": self.provider.client_id},
            exp={"essential": True},
            iat={"essential": True},
            leeway=_LEEWAY,
        ).validate(claims)
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise OidcError("no subject")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", self.provider.client_id if not several else None) != (
            self.provider.client_id
        ):
            raise OidcError("the ID token is for another client")
        if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise OidcError("the ID token is of another try")

    async def _signed(self, token: str) -> dict[str, Any]:
        try:
            return jwt.decode(token, await self._key_set(), algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError):
            # Providers rotate their keys: look once more, but not at each forged token.
            keys = await self._key_set(older_than=_FRESH)
            return jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims

    async def _with_userinfo(self, identity: Identity, access_token: object) -> Identity:
        """Add what the provider tells of the person only there."""
        endpoint = (await self._discovered()).get("userinfo_endpoint")
        if "email" in identity.claims or not endpoint or not isinstance(access_token, str):
            return identity
        told = await self._ask("GET", endpoint, token=access_token)
        if told.get("sub") != identity.subject:
            raise OidcError("the provider tells of somebody else")
        return Identity(identity.issuer, identity.subject, {**told, **identity.claims})

    async def _discovered(self) -> dict[str, Any]:
        async with self._lock:
            if self._metadata is None or self._metadata[1] < time.monotonic() - _KEPT:
                place = f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration"
                found = await self._ask("GET", place)
                if found.get("issuer") != self.provider.issuer:
                    raise _away("it calls itself otherwise")
                self._metadata = found, time.monotonic()
            return self._metadata[0]

    async def _key_set(self, older_than: float = _KEPT) -> KeySet:
        place = (await self._discovered())["jwks_uri"]
        async with self._lock:
            if self._keys is None or self._keys[1] < time.monotonic() - older_than:
                found: Any = await self._ask("GET", place)
                self._keys = KeySet.import_key_set(found), time.monotonic()
            return self._keys[0]

    async def _ask(
        self, method: str, url: str, form: dict[str, str] | None = None, token: str | None = None
    ) -> dict[str, Any]:
        secret = self.provider.client_secret.get_secret_value()
        # Quoted first, as RFC 6749 (2.3.1) has it.
        quoted = quote(self.provider.client_id, safe=""), quote(secret, safe="")
        credentials = quoted if form is not None else None
        headers = {"Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            async with httpx.AsyncClient(timeout=_SECONDS) as client:
                answer = await client.request(
                    method, url, data=form, auth=credentials, headers=headers
                )
        except httpx.HTTPError as failure:
            raise _away(type(failure).__name__) from failure
        if 400 <= answer.status_code < 500 and (form is not None or token is not None):
            raise OidcError(f"the provider refused with {answer.status_code}")
        if answer.status_code != 200 or len(answer.content) > _LARGEST:
            raise _away(f"it answered {answer.status_code}")
        try:
            body = answer.json()
        except ValueError as failure:
            raise _away("it answered no JSON") from failure
        if not isinstance(body, dict):
            raise _away("it answered no object")
        return body


def _away(why: str) -> Problem:
    return Problem(503, "provider-away", f"The sign-in provider cannot be used: {why}.")
