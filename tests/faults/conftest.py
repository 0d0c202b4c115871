"""Servers that write through to the disk and may be stopped."""

import logging
from collections.abc import Iterator

import pytest

from deploy.local.servers import Servers
from tests.support.servers import durable_servers


@pytest.fixture(scope="module")
def own_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A durable pair that no other test uses."""
    # Our own client's tries to reach a broker that is down are no news here.
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)
    logging.getLogger("aio_pika").setLevel(logging.CRITICAL)
    with durable_servers(tmp_path_factory.mktemp("durable")) as servers:
        yield servers
