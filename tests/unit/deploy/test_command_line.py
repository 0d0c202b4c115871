"""`qayidis` as a person meets it: exact output, one line for a failure, exit code 1."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from deploy.bootstrap.keys import make_keys

CLEAN = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("QAYIDIS_", "REGISTRATION_", "EVENTS_", "NOTIFICATIONS_"))
}


def qayidis(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**CLEAN, **settings},
    )


def test_token_prints_the_token_and_nothing_else(tmp_path: Path) -> None:
    make_keys(tmp_path)
    done = qayidis("token", "--role", "registrar", "--ttl", "5", QAYIDIS_KEYS_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    (line,) = done.stdout.splitlines()
    key = OKPKey.import_key(json.loads((tmp_path / "signing.jwk").read_text()))
    assert jwt.decode(line, key, algorithms=["Ed25519"]).claims["roles"] == ["registrar"]


@pytest.mark.parametrize(
    ("arguments", "settings", "said"),
    [
        (["token", "--role", "king"], {}, "'king' is not one of"),
        (["token"], {}, "--role"),
        (["token", "--role", "system"], {"QAYIDIS_KEYS_DIR": "/none"}, "QAYIDIS_KEYS_DIR"),
        (["logs", "nothing"], {}, "no such log"),
        (["outside", "add", "labour"], {}, "--key"),
        (
            ["outside", "add", "labour", "--key", "events.#"],
            {
                "QAYIDIS_POSTGRES_URL": "postgresql://u:p@127.0.0.1:1/",
                "QAYIDIS_AMQP_URL": "amqp://u:p@127.0.0.1:1/",
                "QAYIDIS_RABBITMQ_API_URL": "http://127.0.0.1:1",
            },
            "cannot reach RabbitMQ's management API at 127.0.0.1:1",
        ),
        (["migrate"], {"EVENTS_MIGRATOR_DATABASE_URL": "x"}, None),
        (["bootstrap"], {}, None),
        (["up"], {"EVENTS_PORT": "x"}, "EVENTS_PORT must be a port"),
    ],
)
def test_a_failure_is_a_clear_line_and_exit_code_1(
    arguments: list[str], settings: dict[str, str], said: str | None
) -> None:
    done = qayidis(*arguments, **settings)
    assert done.returncode == 1
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert all(line.startswith("qayidis: ") for line in lines)
    if said is not None:
        assert len(lines) == 1
        assert said in lines[0]


def test_bootstrap_names_every_missing_variable_in_a_line_of_its_own() -> None:
    servers = {"QAYIDIS_POSTGRES_URL": "postgresql://a", "QAYIDIS_AMQP_URL": "amqp://a"}
    assert qayidis("bootstrap").stderr.splitlines() == [
        "qayidis: QAYIDIS_POSTGRES_URL is not set",
        "qayidis: QAYIDIS_AMQP_URL is not set",
    ]
    missing = qayidis("bootstrap", EVENTS_AMQP_PASSWORD="x", **servers).stderr.splitlines()
    assert len(missing) == 8
    assert "qayidis: REGISTRATION_DATABASE_PASSWORD is not set" in missing
    assert "qayidis: EVENTS_AMQP_PASSWORD is not set" not in missing


def test_migrate_wants_only_what_it_needs() -> None:
    urls = {
        "EVENTS_MIGRATOR_DATABASE_URL": "postgresql://a",
        "NOTIFICATIONS_MIGRATOR_PASSWORD": "x",
    }
    assert qayidis("migrate", **urls).stderr.splitlines() == [
        "qayidis: QAYIDIS_POSTGRES_URL is not set",
        "qayidis: REGISTRATION_MIGRATOR_PASSWORD is not set",
    ]
