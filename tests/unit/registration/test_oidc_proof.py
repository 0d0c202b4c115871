"""What counts as a provider's proof: each way in which it can be wrong is refused."""

import base64
import hmac
import json
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from services.registration.staff.oidc import Attempt, OidcClient, OidcError, Provider

ISSUER = "https://office.example"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


class Answered(OidcClient):
    """A client whose provider answers at once; what it publishes is the provider's own."""

    async def _ask(self, method: str, url: str, *_: Any, **__: Any) -> dict[str, Any]:
        if url.endswith("openid-configuration"):
            return {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}
        return {"keys": [KEY.as_dict(private=False)]}


@pytest.fixture
def client() -> OidcClient:
    return Answered(Provider(ISSUER, "qayidis", SecretStr("x")))


def claims(**other: Any) -> dict[str, Any]:
    now = int(time.time())
    every = {
        "iss": ISSUER,
        "sub": "person",
        "aud": "qayidis",
        "iat": now,
        "exp": now + 60,
        "nonce": "of this try",
        **other,
    }
    return {name: value for name, value in every.items() if value is not None}


def signed(key: RSAKey = KEY, **other: Any) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims(**other), key)


async def test_a_right_proof_names_the_person(client: OidcClient) -> None:
    token = signed(email="Ali@Example.com", email_verified=True)
    identity = await client.verify(token, "of this try")
    assert (identity.subject, identity.email) == ("person", "ali@example.com")


@pytest.mark.parametrize("verified", [False, None, "true", 1])
async def test_an_address_that_is_not_verified_is_none(client: OidcClient, verified: Any) -> None:
    token = signed(email="ali@example.com", email_verified=verified)
    assert (await client.verify(token, "of this try")).email is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "of another try"},
        {"nonce": None},
        {"nonce": 5},
        {"iss": "https://another.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": None},
        {"aud": ["qayidis", "another"]},
        {"aud": ["qayidis", "another"], "azp": "another"},
        {"azp": "another"},
        {"exp": 1},
        {"exp": None},
        {"exp": "never"},
        {"iat": None},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
    ],
    ids=str,
)
async def test_a_proof_with_a_wrong_claim_is_refused(
    client: OidcClient, wrong: dict[str, Any]
) -> None:
    with pytest.raises(OidcError):
        await client.verify(signed(**wrong), "of this try")


async def test_a_proof_for_several_that_names_us_is_right(client: OidcClient) -> None:
    token = signed(aud=["qayidis", "another"], azp="qayidis")
    assert (await client.verify(token, "of this try")).subject == "person"


async def test_a_proof_that_the_provider_did_not_sign_is_refused(client: OidcClient) -> None:
    right = signed()
    head, body, signature = right.split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).decode().rstrip("=")
    shared = base64.urlsafe_b64encode(b'{"alg": "HS256", "kid": "one"}').decode().rstrip("=")
    mac = hmac.digest(KEY.as_pem(private=False), f"{shared}.{body}".encode(), "sha256")
    with_our_key = f"{shared}.{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    for wrong in (
        signed(OTHER),
        f"{none}.{body}.",
        f"{none}.{body}.{signature}",
        f"{head}.{body}.",
        f"{head}.{signed(sub='another').split('.')[1]}.{signature}",
        with_our_key,
        "",
        "a.b.c",
        "ə" * 5_000,
    ):
        with pytest.raises(OidcError):
            await client.verify(wrong, "of this try")
    assert await client.verify(right, "of this try")


def test_each_try_is_another() -> None:
    one, two = Attempt.new(), Attempt.new()
    assert len({one.state, one.nonce, one.verifier, two.state, two.nonce, two.verifier}) == 6
    assert len(one.verifier) >= 43
    assert one.challenge != one.verifier
