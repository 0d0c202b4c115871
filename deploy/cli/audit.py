"""Proving that nobody changed the audit log."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import typer

from deploy.bootstrap.addresses import postgres
from deploy.bootstrap.failure import DeployError
from deploy.cli.failures import PlainFailures
from deploy.cli.servers import DATABASE
from deploy.local.system import where

app = typer.Typer(cls=PlainFailures, no_args_is_help=True, help="The audit log and its chain.")


@app.callback()
def audit() -> None:
    """The audit log and its chain."""


@app.command()
def verify(
    head: Annotated[
        list[str] | None,
        typer.Option(help="POSITION:DIGEST that somebody else kept; repeatable."),
    ] = None,
) -> None:
    """Compute the whole chain again; print a line for each fault, and exit with 1 if there is one.

    Reads QAYIDIS_POSTGRES_URL, whose path may name the database, else asks the running system.
    """
    held = [_parse(each) for each in head or []]
    raise typer.Exit(asyncio.run(_verify(_database_url(), held)))


async def _verify(url: str, held: Sequence[tuple[int, bytes]]) -> int:
    # Imported here: these libraries would slow down every other command.
    import asyncpg  # noqa: PLC0415

    from services.registration.audit.reading import Verified  # noqa: PLC0415
    from services.registration.audit.verifying import Held  # noqa: PLC0415

    try:
        database = await asyncpg.connect(url, timeout=15)
    except (OSError, asyncpg.PostgresError, TimeoutError) as wrong:
        raise DeployError(f"cannot open the database: {str(wrong) or 'no answer'}") from wrong
    try:
        heads = [Held(f"head {place}:{digest.hex()}", place, digest) for place, digest in held]
        verified, faults = Verified(database, heads), 0
        async for fault in verified.faults():
            faults += 1
            print(fault)
    finally:
        await database.close()
    if faults:
        return 1
    print(f"{verified.position} entries are as they were; head:")
    print(f"{verified.position}:{verified.digest.hex()}")
    return 0


def _parse(head: str) -> tuple[int, bytes]:
    position, _, digest = head.partition(":")
    try:
        parsed = int(position), bytes.fromhex(digest)
    except ValueError:
        parsed = 0, b""
    if parsed[0] < 1 or len(parsed[1]) != 32:
        raise typer.BadParameter("a head is POSITION:DIGEST, a number and 64 hexadecimal digits")
    return parsed


def _database_url() -> str:
    address = postgres(os.environ.get("QAYIDIS_POSTGRES_URL") or where()["postgres"])
    database = DATABASE if address.path in {"", "postgres"} else address.path
    return replace(address, scheme="postgresql", path=database).url
