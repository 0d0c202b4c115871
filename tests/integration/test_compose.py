"""The compose file as Compose reads it: what it demands, what it opens, what it lets in where."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
REQUIRED = [
    line.partition("=")[0]
    for line in (DEPLOY / ".env.example").read_text(encoding="utf-8").splitlines()
    if "=" in line and not line.startswith("#")
]
OUTSIDE = {"QAYIDIS_AMQPS_DIR", "QAYIDIS_AMQPS_BIND", "QAYIDIS_AMQPS_PORT"}
"""Read by docker-compose.outside.yml."""
OURS = {"bootstrap", "registration", "events", "notifications", "cli", "handset", "demo"}


def compose(environment: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    names = ("PATH", "HOME", "DOCKER_CONFIG")
    command = ["docker", "compose", "--env-file", str(environment)]
    return subprocess.run(
        [*command, "-f", str(DEPLOY / "docker-compose.yml"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={name: os.environ[name] for name in names if name in os.environ},
    )


@pytest.fixture(scope="module", autouse=True)
def _compose_is_there() -> None:
    try:
        answer = subprocess.run(
            ["docker", "compose", "version"], capture_output=True, check=False, timeout=60
        )
    except FileNotFoundError:
        pytest.skip("there is no docker client")
    if answer.returncode != 0:
        pytest.skip("docker has no Compose v2")


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A .env made of the example, every empty secret filled in."""
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8").splitlines()
    filled = [f"{line}0123456789abcdef" if line.endswith("=") else line for line in example]
    file = tmp_path / "env"
    file.write_text("\n".join(filled), encoding="utf-8")
    return file


@pytest.fixture
def services(environment: Path) -> dict[str, Any]:
    """Every service as Compose understands it, profiles included."""
    answer = compose(
        environment, "--profile", "demo", "--profile", "cli", "config", "--format", "json"
    )
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout)["services"]
    return found


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_variable_is_named_and_stops_the_start(environment: Path, name: str) -> None:
    lines = environment.read_text(encoding="utf-8").splitlines()
    environment.write_text(
        "\n".join(line for line in lines if not line.startswith(f"{name}=")), encoding="utf-8"
    )
    answer = compose(environment, "config", "-q")
    assert answer.returncode != 0
    assert f"set {name} in deploy/.env, see deploy/.env.example" in answer.stderr


def test_the_example_holds_no_password() -> None:
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8").splitlines()
    secret = [line for line in example if line.partition("=")[0].endswith(("PASSWORD", "SECRET"))]
    assert len(secret) == 13
    assert all(line.endswith("=") for line in secret)


def test_only_the_three_services_and_the_handset_are_opened_and_to_this_machine_alone(
    services: dict[str, Any],
) -> None:
    opened = {
        (name, port["host_ip"], port["published"])
        for name, service in services.items()
        for port in service.get("ports", [])
    }
    assert opened == {
        ("registration", "127.0.0.1", "8001"),
        ("events", "127.0.0.1", "8002"),
        ("notifications", "127.0.0.1", "8003"),
        ("handset", "127.0.0.1", "8004"),
    }


def test_the_signing_key_is_mounted_where_tokens_are_made_and_nowhere_else(
    services: dict[str, Any],
) -> None:
    mounts = {
        name: {mount["source"]: mount.get("read_only", False) for mount in service["volumes"]}
        for name, service in services.items()
        if service.get("volumes")
    }
    assert {name for name, sources in mounts.items() if "keys" in sources} == {
        "bootstrap",
        "cli",
        "demo",
    }
    own = {
        "registration": {"registration-keys": True},
        "events": {},
        "notifications": {"notifications-keys": True},
    }
    for name, keys in own.items():
        assert mounts[name] == {"public-keys": True, **keys}


def test_a_service_is_given_no_password_but_its_own(services: dict[str, Any]) -> None:
    names = ("registration", "events", "notifications")
    for name in names:
        others = tuple(f"{other.upper()}_" for other in names if other != name)
        given = services[name]["environment"]
        assert not [key for key in given if key.startswith((*others, "QAYIDIS_"))]


def test_our_containers_cannot_write_to_their_image_nor_gain_rights(
    services: dict[str, Any],
) -> None:
    for name in OURS:
        service = services[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_nobody_but_those_who_need_them_reaches_the_servers(services: dict[str, Any]) -> None:
    reach = {name for name, service in services.items() if "data" in service["networks"]}
    assert reach == {"postgres", "rabbitmq"} | OURS - {"handset", "demo"}


@pytest.mark.parametrize("service", ["registration", "events", "notifications"])
def test_every_optional_setting_of_a_service_reaches_it(environment: Path, service: str) -> None:
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8").splitlines()
    prefix = f"{service.upper()}_"
    names = [
        line[1:].partition("=")[0]
        for line in example
        if line.startswith(f"#{prefix}") and not line.startswith(f"#{prefix}PORT=")
    ]
    assert f"{prefix}POOL_SIZE" in names
    with environment.open("a", encoding="utf-8") as file:
        file.writelines(f"\n{name}=given" for name in names)
    answer = compose(environment, "config", "--format", "json")
    assert answer.returncode == 0, answer.stderr
    given = json.loads(answer.stdout)["services"][service]["environment"]
    assert {name: given.get(name) for name in names} == dict.fromkeys(names, "given")


def test_the_example_names_every_variable_of_the_compose_file() -> None:
    text = (DEPLOY / "docker-compose.yml").read_text(encoding="utf-8")
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8")
    read = set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", text))
    assert read == set(re.findall(r"^#?([A-Z0-9_]+)=", example, re.MULTILINE)) - OUTSIDE


def test_what_the_runbook_tells_to_set_is_passed_on() -> None:
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8")
    runbook = (DEPLOY / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(?:<SERVICE>|…)(_[A-Z0-9_]+[A-Z0-9])`", runbook))
    assert {"_POOL_SIZE", "_INBOX_DAYS"} <= named
    assert not [name for name in named if not re.search(rf"^#?[A-Z]+{name}=", example, re.M)]


WATCHERS = {"prometheus": "9090", "grafana": "3000"}


def test_prometheus_and_the_dashboard_run_when_asked_for_and_reach_the_services_alone(
    environment: Path,
) -> None:
    ordinary = compose(environment, "config", "--services").stdout.split()
    assert not WATCHERS.keys() & set(ordinary)

    answer = compose(environment, "--profile", "observability", "config", "--format", "json")
    assert answer.returncode == 0, answer.stderr
    services = json.loads(answer.stdout)["services"]
    for name, port in WATCHERS.items():
        service = services[name]
        assert service["image"].rpartition(":")[2][-1].isdigit(), "pinned"
        assert set(service["networks"]) == {"edge"}
        assert [(each["host_ip"], each["published"]) for each in service["ports"]] == [
            ("127.0.0.1", port)
        ]
        for mount in service["volumes"]:
            assert mount["type"] == "volume" or Path(mount["source"]).exists(), mount

    configuration = yaml.safe_load((DEPLOY / "observability" / "prometheus.yml").read_text())
    for job in configuration["scrape_configs"]:
        name, _, port = job["static_configs"][0]["targets"][0].partition(":")
        assert "edge" in services[name]["networks"]
        assert {each["target"] for each in services[name]["ports"]} == {int(port)}
