"""A real Prometheus of the tests' own, which scrapes a system with the shipped configuration."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from deploy.local.ports import free_port
from deploy.local.unprivileged import data_folder, remove_data, server_user
from deploy.local.waiting import wait_until
from tests.observability.promtool import FOLDER

EVERY = "2s"


@dataclass(frozen=True)
class Prometheus:
    """The API of one server."""

    url: str

    def ask(self, path: str, **query: str) -> Any:
        """Call the API; the `data` of its answer. Raises AssertionError with what it says."""
        answer = httpx.get(f"{self.url}/api/v1/{path}", params=query, timeout=10, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        """What an expression gives now."""
        return list(self.ask("query", query=expression)["result"])

    def firing(self) -> dict[str, list[dict[str, str]]]:
        """The labels of the alerts that fire, by the alert's name."""
        found: dict[str, list[dict[str, str]]] = {}
        for alert in self.ask("alerts")["alerts"]:
            if alert["state"] == "firing":
                found.setdefault(alert["labels"]["alertname"], []).append(alert["labels"])
        return found


@contextmanager
def prometheus(root: Path, targets: Mapping[str, str]) -> Iterator[Prometheus]:
    """Run Prometheus, without privileges, on these base URLs by job; alerts fire without delay."""
    user = server_user()
    wanted = root / "prometheus"
    place = data_folder(wanted, user)
    _write_configuration(place, targets)
    port = free_port()
    command = [
        "prometheus",
        f"--config.file={place / 'prometheus.yml'}",
        f"--storage.tsdb.path={place / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (root / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, user=user, group=None, cwd=place
        )
    server = Prometheus(f"http://127.0.0.1:{port}")
    try:
        assert wait_until(lambda: _is_ready(server.url), seconds=30, every=0.2), (
            root / "prometheus.log"
        ).read_text()[-2000:]
        yield server
    finally:
        process.terminate()
        process.wait(20)
        remove_data(wanted)


def _write_configuration(place: Path, targets: Mapping[str, str]) -> None:
    """The shipped files, but for the addresses and the pace."""
    shipped = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    assert {job["job_name"] for job in shipped["scrape_configs"]} == set(targets)
    shipped["global"] = {
        "scrape_interval": EVERY,
        "scrape_timeout": EVERY,
        "evaluation_interval": EVERY,
    }
    for job in shipped["scrape_configs"]:
        job["static_configs"] = [{"targets": [targets[job["job_name"]].removeprefix("http://")]}]
    rules = yaml.safe_load((FOLDER / "rules.yml").read_text())
    for group in rules["groups"]:
        for rule in group["rules"]:
            rule.pop("for", None)
    for name, content in (("prometheus.yml", shipped), ("rules.yml", rules)):
        file = place / name
        file.write_text(yaml.safe_dump(content))
        file.chmod(0o644)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready", timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False
