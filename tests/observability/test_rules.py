"""The alert rules: valid, each seen firing and not firing, each with what to do about it."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.observability.promtool import FOLDER, promtool

RUNBOOK = FOLDER.parent / "README.md"


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_promtool_finds_the_configuration_and_the_rules_valid() -> None:
    for check in (("check", "config", "prometheus.yml"), ("check", "rules", "rules.yml")):
        said = promtool(*check)
        assert said.returncode == 0, said.stdout


def test_each_alert_fires_where_it_must_and_nowhere_else() -> None:
    said = promtool("test", "rules", "rules_test.yml")
    assert said.returncode == 0, said.stdout

    cases = yaml.safe_load((FOLDER / "rules_test.yml").read_text())["tests"]
    seen: dict[str, set[bool]] = {}
    for case in cases:
        for test in case["promql_expr_test"]:
            name = re.search(r'alertname="(\w+)"', test["expr"])
            assert name is not None
            seen.setdefault(name[1], set()).add(bool(test["exp_samples"]))
    assert seen == {rule["alert"]: {True, False} for rule in rules()}


@pytest.mark.parametrize("threshold", ["> 60", "== 0"])
def test_a_rule_that_is_wrong_is_found(tmp_path: Path, threshold: str) -> None:
    for name in ("rules.yml", "rules_test.yml"):
        shutil.copy(FOLDER / name, tmp_path)
    wrong = (tmp_path / "rules.yml").read_text().replace(threshold, "> 1e9")
    (tmp_path / "rules.yml").write_text(wrong)
    assert promtool("test", "rules", "rules_test.yml", folder=tmp_path).returncode != 0


def test_each_alert_says_how_bad_it_is_and_stands_in_the_runbook() -> None:
    section = RUNBOOK.read_text().split("\n### Alerts\n")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `(Qayidis\w+)` \| [^|]+ \| (.+) \|$", section, re.MULTILINE))
    assert set(rows) == {rule["alert"] for rule in rules()}
    for rule in rules():
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["runbook"] == "deploy/README.md#alerts"
