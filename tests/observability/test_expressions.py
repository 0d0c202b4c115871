"""What these tests look with sees what is wrong."""

import pytest

from tests.observability.expressions import labels_asked
from tests.observability.promtool import promtool


@pytest.mark.parametrize(
    ("expression", "asked"),
    [
        ("up", {"up": set()}),
        ('up{job="a)}b", x!~".+[.]y"} == 0', {"up": {"job", "x"}}),
        ('sum by (job, le) (rate(up{x="1"}[5m])) / up', {"up": {"job", "le", "x"}}),
        (
            "sum(max by (a) (qayidis_ready)) or topk(3, sum by (b) ((up * 0) + up))",
            {"qayidis_ready": {"a"}, "up": {"b"}},
        ),
    ],
)
def test_the_labels_that_an_expression_asks_for_are_found(
    expression: str, asked: dict[str, set[str]]
) -> None:
    assert labels_asked([expression]) == asked


@pytest.mark.parametrize(
    "family", ["qayidis_lag_milliseconds gauge", "qayidis_lag counter", "qayidis_lag_total gauge"]
)
def test_a_name_or_unit_against_the_conventions_is_found(family: str) -> None:
    name = family.split(maxsplit=1)[0]
    text = f"# HELP {name} How late.\n# TYPE {family}\n{name} 1\n"
    assert promtool("check", "metrics", given=text).returncode != 0
