"""Letting another government system read messages, and shutting it out again."""

import asyncio
import os
import secrets
from typing import Annotated

import typer

from deploy.bootstrap.accounts import Administrator
from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.outside import Limits, add_outside, remove_outside
from deploy.cli.failures import PlainFailures
from deploy.cli.servers import read_administrator
from deploy.local.system import where
from deploy.local.where import administrator

app = typer.Typer(
    cls=PlainFailures, no_args_is_help=True, help="Other systems and the queues they read."
)

Name = Annotated[str, typer.Argument(help="The system's short name, e.g. labour.")]


@app.command()
def add(
    name: Name,
    key: Annotated[
        list[str],
        typer.Option(help="A routing key pattern on qayidis.public, e.g. events.*.v1; repeatable."),
    ],
    messages: Annotated[
        int, typer.Option(help="How many messages wait at most; the oldest go first.", min=1)
    ] = Limits.messages,
    days: Annotated[int, typer.Option(help="How many days a message waits.", min=1)] = Limits.days,
) -> None:
    """Give a system a queue of its own; print its AMQP URL and the queue's name.

    Repeating it gives a new password and sets the keys to the given ones; what waits is kept.
    """
    password = secrets.token_urlsafe(24)
    outside = asyncio.run(add_outside(_admin(), name, key, password, Limits(messages, days)))
    print(outside.amqp_url)
    print(outside.queue)


@app.command()
def remove(name: Name) -> None:
    """Shut a system out; its queue goes, with all that waits there."""
    if not asyncio.run(remove_outside(_admin(), name)):
        raise DeployError(f"there is no outside system {name}")
    print(f"removed outside.{name}")


def _admin() -> Administrator:
    if os.environ.get("QAYIDIS_AMQP_URL"):
        return read_administrator(os.environ)
    return administrator(where())
