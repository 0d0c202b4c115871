"""Which Postgres and RabbitMQ the tests run on: yours, testcontainers or private ones."""

import logging
import os
import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Literal

import httpx

from deploy.bootstrap.accounts import Administrator
from deploy.bootstrap.addresses import Address
from deploy.local.docker import POSTGRES_IMAGE, RABBITMQ_IMAGE
from deploy.local.rabbitmq import USER, VHOST
from deploy.local.servers import Servers, choose_servers
from deploy.local.unprivileged import remove_data
from deploy.local.waiting import wait_until

Kind = Literal["your own servers", "testcontainers", "private servers"]

_PASSWORD = "only-for-tests"


@cache
def kind() -> Kind:
    """Tell which servers the ordinary tests use.

    `QAYIDIS_POSTGRES_URL` and `QAYIDIS_AMQP_URL` name your own; `QAYIDIS_TEST_SERVERS=private`
    asks for private ones, which are taken too where no engine with the images answers.
    """
    if os.environ.get("QAYIDIS_POSTGRES_URL") and os.environ.get("QAYIDIS_AMQP_URL"):
        return "your own servers"
    if os.environ.get("QAYIDIS_TEST_SERVERS") == "private" or not _has_engine_and_images():
        return "private servers"
    return "testcontainers"


@contextmanager
def session_servers(root: Path) -> Iterator[Administrator]:
    """Run the pair that all ordinary tests share; it may lose data in a power cut."""
    if kind() == "testcontainers":
        with _containers() as administrator:
            yield administrator
        return
    env = os.environ if kind() == "your own servers" else {}
    with _running(choose_servers(root, print, env, durable=False), root) as servers:
        yield servers.administrator


@contextmanager
def durable_servers(root: Path) -> Iterator[Servers]:
    """Run a pair of its own that writes through to the disk and may be stopped and started."""
    with _running(choose_servers(root, print, {}), root) as servers:
        yield servers


@contextmanager
def _running(servers: Servers, root: Path) -> Iterator[Servers]:
    try:
        _at_once(servers.postgres.start, servers.rabbitmq.start)
        yield servers
    finally:
        _at_once(servers.postgres.stop, servers.rabbitmq.stop)
        remove_data(root / "postgres" / "data")


@contextmanager
def _containers() -> Iterator[Administrator]:
    # Each container is removed below; the reaper would be one more image to have.
    os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"
    # While a container starts, pika logs every try, and its wrapper warns of its own age.
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        from testcontainers.community.postgres import PostgresContainer
        from testcontainers.community.rabbitmq import RabbitMqContainer

    postgres = PostgresContainer(
        POSTGRES_IMAGE, username="postgres", password=_PASSWORD, dbname="postgres", driver=None
    ).with_command("postgres -c fsync=off -c synchronous_commit=off -c max_connections=300")
    rabbitmq = RabbitMqContainer(
        RABBITMQ_IMAGE, username=USER, password=_PASSWORD, vhost=VHOST
    ).with_exposed_ports(5672, 15672)
    try:
        _at_once(postgres.start, rabbitmq.start)
        host = rabbitmq.get_container_host_ip()
        broker = Address("amqp", USER, _PASSWORD, host, rabbitmq.get_exposed_port(5672), VHOST)
        api = Address("http", USER, _PASSWORD, host, rabbitmq.get_exposed_port(15672), "")
        assert wait_until(lambda: _answers(api.url), seconds=60, every=0.2)
        yield Administrator(postgres.get_connection_url(), broker.url, api.url)
    finally:
        _at_once(postgres.stop, rabbitmq.stop)


def _has_engine_and_images() -> bool:
    if shutil.which("docker") is None:
        return False
    asked = ["docker", "image", "inspect", POSTGRES_IMAGE, RABBITMQ_IMAGE]
    try:
        return subprocess.run(asked, capture_output=True, check=False, timeout=20).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _answers(api_url: str) -> bool:
    try:
        return httpx.get(f"{api_url}api/overview", timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _at_once(*works: Callable[[], object]) -> None:
    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result()
