"""Signing keys made once, and the tokens signed with them."""

import json
import warnings
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet, OKPKey

from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.keys import make_keys
from deploy.cli.tokens import issue_token


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    make_keys(tmp_path / "keys")
    return tmp_path / "keys"


def public(keys: Path) -> KeySet:
    return KeySet.import_key_set(json.loads((keys / "public.jwks").read_text()))


def test_the_keys_are_the_owners_alone_and_the_public_set_holds_no_secret(
    keys: Path,
) -> None:
    private = {file.name for file in keys.iterdir()} - {"public.jwks"}
    assert private == {
        *("signing.jwk", "staff.jwk", "tickets.jwk"),
        *("registration.seal.json", "notifications.seal.json"),
    }
    assert all((keys / name).stat().st_mode & 0o777 == 0o600 for name in private)
    operators, staffs = json.loads((keys / "public.jwks").read_text())["keys"]
    for public_half in (operators, staffs):
        assert public_half["crv"] == "Ed25519"
        assert public_half["kid"]
        assert "d" not in public_half
    assert operators["kid"] != staffs["kid"]


def test_making_keys_again_keeps_them_and_mends_the_public_set(keys: Path) -> None:
    before = {file.name: file.read_text() for file in keys.iterdir()}
    make_keys(keys)
    (keys / "public.jwks").unlink()
    make_keys(keys)
    (keys / "public.jwks").write_text("{")
    make_keys(keys)
    assert {file.name: file.read_text() for file in keys.iterdir()} == before


def test_a_token_says_who_and_what_and_is_verified_without_a_warning(keys: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = issue_token(["registrar", "auditor"], "desk-1", 60, keys)
        token = jwt.decode(text, public(keys), algorithms=["Ed25519"])
    assert token.header["kid"] == json.loads((keys / "public.jwks").read_text())["keys"][0]["kid"]
    assert token.claims["iss"] == "qayidis"
    assert token.claims["sub"] == "desk-1"
    assert token.claims["roles"] == ["registrar", "auditor"]
    assert token.claims["exp"] - token.claims["iat"] == 60
    assert (
        token.claims["jti"]
        != jwt.decode(
            issue_token(["registrar"], keys_folder=keys), public(keys), algorithms=["Ed25519"]
        ).claims["jti"]
    )


def test_a_token_of_another_key_is_not_verified(keys: Path, tmp_path: Path) -> None:
    make_keys(tmp_path / "other")
    forged = issue_token(["operator"], keys_folder=tmp_path / "other")
    other = json.loads((tmp_path / "other" / "public.jwks").read_text())["keys"][0]["kid"]
    mine = json.loads((keys / "public.jwks").read_text())
    mine["keys"][0]["kid"] = other
    with pytest.raises(BadSignatureError):
        jwt.decode(forged, KeySet.import_key_set(mine), algorithms=["Ed25519"])


@pytest.mark.parametrize(
    ("roles", "seconds", "said"),
    [(["king"], 60, "a role is one of"), ([], 60, "a role is one of"), (["system"], 0, "second")],
)
def test_what_cannot_be_signed_is_one_clear_line(
    keys: Path, roles: list[str], seconds: int, said: str
) -> None:
    with pytest.raises(DeployError, match=said):
        issue_token(roles, seconds=seconds, keys_folder=keys)


def test_a_missing_key_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match=f"{tmp_path}/signing.jwk.*QAYIDIS_KEYS_DIR"):
        issue_token(["system"], keys_folder=tmp_path)


def test_a_key_that_is_none_is_one_clear_line(tmp_path: Path) -> None:
    x25519 = OKPKey.generate_key("X25519", {"kid": "x"}).as_dict(private=True)
    for text in ("", "{", "[]", "{}", '{"kty": "oct", "k": "aa"}', json.dumps(x25519)):
        (tmp_path / "signing.jwk").write_text(text)
        with pytest.raises(DeployError, match="Ed25519 key"):
            issue_token(["system"], keys_folder=tmp_path)
