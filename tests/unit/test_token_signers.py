"""Two keys sign tokens, and neither may speak as the other."""

import base64
import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jwt

from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.keys import make_keys, signing_key
from deploy.cli.tokens import issue_token
from shared.auth import Tokens
from shared.problems import Problem
from shared.signers import SIGNER


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    make_keys(folder)
    return folder


@pytest.fixture(scope="module")
def tokens(keys: Path) -> Tokens:
    return Tokens.from_file(keys / "public.jwks")


def signed(
    keys: Path, by: str, claims: dict[str, Any] | None = None, header: dict[str, Any] | None = None
) -> str:
    """A token of a member of the staff with these claims, None for one left out."""
    key = signing_key(keys, by)
    now = int(time.time())
    every = {
        "iss": "qayidis",
        "sub": f"staff:{uuid4()}",
        "sid": str(uuid4()),
        "roles": ["registrar"],
        "exp": now + 60,
        **(claims or {}),
    }
    given = {name: value for name, value in every.items() if value is not None}
    return jwt.encode(
        header or {"alg": "Ed25519", "kid": key.kid}, given, key, algorithms=["Ed25519"]
    )


def test_the_staffs_key_speaks_for_a_member_of_the_staff(keys: Path, tokens: Tokens) -> None:
    claims = {"sub": "staff:1", "sid": "a", "roles": ["registrar"], "district": "AZ-BAR"}
    principal = tokens.verify(signed(keys, "staff", claims))
    assert (principal.subject, principal.session, principal.district) == ("staff:1", "a", "AZ-BAR")


def test_the_operators_key_speaks_for_whoever_holds_a_token(keys: Path, tokens: Tokens) -> None:
    principal = tokens.verify(issue_token(["system"], "labour", keys_folder=keys))
    assert (principal.subject, principal.session) == ("labour", None)


@pytest.mark.parametrize(
    ("by", "claims"),
    [
        ("staff", {"roles": ["system"]}),
        ("staff", {"roles": ["registrar", "system"]}),
        ("staff", {"sub": "labour"}),
        ("staff", {"sub": ""}),
        ("staff", {"sid": None}),
        ("staff", {"sid": 7}),
        ("staff", {"roles": "operator"}),
        ("staff", {"exp": 1}),
        ("staff", {"exp": None}),
        ("staff", {"iss": "somebody else"}),
        ("signing", {}),  # the operator's, with a subject of the staff
        ("tickets", {}),  # a key of the system that signs no tokens of this kind
    ],
)
def test_no_key_says_more_than_its_own(
    keys: Path, tokens: Tokens, by: str, claims: dict[str, Any]
) -> None:
    with pytest.raises(Problem) as refused:
        tokens.verify(signed(keys, by, claims))
    assert refused.value.status == 401


def test_one_keys_signature_under_the_others_name_is_refused(keys: Path, tokens: Tokens) -> None:
    header = {"alg": "Ed25519", "kid": signing_key(keys, "staff").kid}
    with pytest.raises(Problem):
        tokens.verify(signed(keys, "signing", header=header))
    header = {"alg": "Ed25519", "kid": signing_key(keys).kid}
    with pytest.raises(Problem):
        tokens.verify(signed(keys, "staff", {"sub": "labour"}, header))


def test_a_token_without_a_key_or_a_signature_is_refused(keys: Path, tokens: Tokens) -> None:
    right = signed(keys, "staff")
    head, body, signature = right.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    kid = json.dumps({"alg": "none", "kid": signing_key(keys, "staff").kid}).encode()
    named = base64.urlsafe_b64encode(kid).decode().rstrip("=")
    for wrong in (
        f"{none}.{body}.",
        f"{named}.{body}.",
        f"{named}.{body}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}",
        f"{head}.{body}.{signature[:-4]}AAAA",
        "",
        ".",
        "..",
        "ə.ə.ə",
        "a" * 10_000,
        signed(keys, "staff", header={"alg": "Ed25519"}),
    ):
        with pytest.raises(Problem) as refused:
            tokens.verify(wrong)
        assert refused.value.status == 401
    assert tokens.verify(right)


def test_the_command_line_signs_nothing_as_a_member_of_the_staff(keys: Path) -> None:
    with pytest.raises(DeployError, match="staff:"):
        issue_token(["registrar"], f"staff:{uuid4()}", keys_folder=keys)


def test_a_key_set_that_does_not_say_whose_keys_are_is_refused(keys: Path, tmp_path: Path) -> None:
    file = tmp_path / "public.jwks"
    right = json.loads((keys / "public.jwks").read_text())
    for signer in (None, "anybody"):
        wrong = [
            {
                **{k: v for k, v in key.items() if k != SIGNER},
                **({SIGNER: signer} if signer else {}),
            }
            for key in right["keys"]
        ]
        file.write_text(json.dumps({"keys": wrong}))
        with pytest.raises(ValueError, match="holds no JWK Set"):
            Tokens.from_file(file)
