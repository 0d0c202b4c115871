"""Prometheus for these tests."""

import pytest

from tests.observability.promtool import why_no_prometheus


@pytest.fixture(scope="session", autouse=True)
def prometheus_is_here() -> None:
    """Skip where there is no Prometheus and no right to install one."""
    why = why_no_prometheus()
    if why is not None:
        pytest.skip(why)
