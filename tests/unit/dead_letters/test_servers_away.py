"""A server that is away is said so, to a caller and at the terminal, however it shows."""

import asyncpg
import pytest
import sqlalchemy.exc
from aio_pika.exceptions import AMQPConnectionError, ChannelInvalidStateError

from deploy.bootstrap.failure import DeployError
from deploy.cli.dead_offices import run
from shared.messaging.dead_letters.answers import said_plainly
from shared.problems import Problem

AWAY = [
    ConnectionRefusedError("refused"),
    TimeoutError(),
    AMQPConnectionError("gone"),
    ChannelInvalidStateError("closed in the middle"),
    asyncpg.CannotConnectNowError("starting"),
    asyncpg.InterfaceError("connection is closed"),
    sqlalchemy.exc.OperationalError("SELECT 1", {}, ConnectionError("gone")),
    sqlalchemy.exc.TimeoutError("QueuePool limit reached"),
]


@pytest.mark.parametrize("away", AWAY, ids=lambda each: type(each).__name__)
def test_it_is_a_503_of_the_api(away: Exception) -> None:
    with pytest.raises(Problem) as raised, said_plainly():
        raise away
    assert (raised.value.status, raised.value.slug) == (503, "dead-letters-away")


@pytest.mark.parametrize("away", AWAY, ids=lambda each: type(each).__name__)
def test_it_is_a_plain_failure_of_the_command(
    away: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QAYIDIS_POSTGRES_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("QAYIDIS_AMQP_URL", "amqp://127.0.0.1:1/")

    async def fail(_: object) -> None:
        raise away

    with pytest.raises(DeployError, match="a server does not answer"):
        run(fail)
