"""What the dashboard and the rules ask Prometheus, and which labels they ask for."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

import yaml

from tests.observability.promtool import FOLDER

DASHBOARD = FOLDER / "grafana" / "dashboards" / "qayidis.json"

_NAME = re.compile(r"\b(?:qayidis|process|python)_[a-z_]+\b|\b(?:up|ALERTS)\b")
_QUOTED = re.compile(r'"[^"]*"')
_MATCHERS = re.compile(r"(\w+)\s*\{([^}]*)\}")
_MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_GROUPED = re.compile(r"\bby\s*\(([^)]*)\)\s*\(")


def shown() -> list[str]:
    """Every query of the dashboard."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])]


def alerted() -> list[str]:
    """Every expression of the rules."""
    groups = yaml.safe_load((FOLDER / "rules.yml").read_text())["groups"]
    return [rule["expr"] for group in groups for rule in group["rules"]]


def labels_asked(expressions: Iterable[str]) -> Mapping[str, set[str]]:
    """The labels by metric: in its matchers, and in each `by (…)` that it stands under."""
    found: dict[str, set[str]] = defaultdict(set)
    for expression in expressions:
        bare = _QUOTED.sub('""', expression)  # a value may hold any bracket
        for name in _NAME.findall(bare):
            found[name] |= set()
        for name, matchers in _MATCHERS.findall(bare):
            found[name] |= set(_MATCHER.findall(matchers))
        for grouped in _GROUPED.finditer(bare):
            labels = {label.strip() for label in grouped[1].split(",")}
            for name in _NAME.findall(_inside(bare, grouped.end())):
                found[name] |= labels
    return found


def _inside(expression: str, start: int) -> str:
    """The text from behind an opening bracket to the one that closes it."""
    depth = 1
    for end in range(start, len(expression)):
        depth += {"(": 1, ")": -1}.get(expression[end], 0)
        if depth == 0:
            return expression[start:end]
    raise ValueError(expression)
