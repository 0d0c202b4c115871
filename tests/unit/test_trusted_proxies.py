"""Whose word on where a call comes from is believed: that of the proxies that are named."""

from typing import Any

import pytest
import uvicorn

from services.events.config import Settings
from shared import service


@pytest.mark.parametrize("named", [None, "172.20.0.0/16"])
def test_only_the_proxies_that_are_named_are_believed(
    named: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    class Server:
        started = True

        def __init__(self, config: uvicorn.Config) -> None:
            given.update(vars(config))

        def run(self, sockets: list[Any]) -> None:
            sockets[0].close()

    monkeypatch.setattr(uvicorn, "Server", Server)
    monkeypatch.setattr(service, "configure_logging", lambda *_: None)
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    values: dict[str, Any] = {"host": "127.0.0.1", "port": 0}
    if named:
        values["trusted_proxies"] = named
    service.serve("events", Settings.model_construct(**values), lambda: None)  # type: ignore[arg-type, return-value]
    assert given["forwarded_allow_ips"] == (named or "127.0.0.1")
