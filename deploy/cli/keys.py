"""The keys that seal personal data: a new one, everything under it, the old ones put away."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.keys import SEALING, ring_file
from deploy.cli.failures import PlainFailures
from deploy.cli.servers import read_migrators
from deploy.cli.tokens import keys_from_environment
from deploy.local.system import where

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from shared.sealing import Sealer

app = typer.Typer(cls=PlainFailures, no_args_is_help=True, help="The keys that seal personal data.")


@app.command()
def rotate() -> None:
    """Add a key to each ring and seal with it from now on; running services notice by themselves.

    Reads QAYIDIS_KEYS_DIR, and QAYIDIS_HANDED_KEYS_DIR where services have copies of their own.
    """
    from deploy.keys.rings import rotate as rotate_ring  # noqa: PLC0415

    for service in SEALING:
        number = rotate_ring(keys_from_environment(), service, _handed())
        print(f"{service}: key {number} seals from now on")


@app.command()
def reseal() -> None:
    """Seal everything anew that an older key sealed, while the system runs. May be repeated."""
    raise typer.Exit(asyncio.run(_reseal()))


@app.command()
def retire() -> None:
    """Take the keys out of each ring that no row needs; they are kept beside it, for backups."""
    asyncio.run(_retire())


async def _reseal() -> int:
    # Imported here and below: these libraries would slow down every other command.
    from deploy.keys.resealing import reseal_all, sealed_tables  # noqa: PLC0415

    failed = 0
    for service, url in _databases().items():
        sealer = _sealer(service)
        engine = _engine(url)
        try:
            for done in await reseal_all(engine, sealed_tables(service), sealer, print):
                print(f"{done.table}: {done.rows} rows sealed anew under key {sealer.active}")
                for number, rows in sorted(done.unreadable.items()):
                    failed = 1
                    print(f"{done.table}: {rows} rows cannot be opened with key {number}")
        finally:
            await engine.dispose()
    return failed


async def _retire() -> None:
    from deploy.keys import rings  # noqa: PLC0415
    from deploy.keys.resealing import needed_keys, sealed_tables  # noqa: PLC0415

    for service, url in _databases().items():
        await asyncio.sleep(rings.seconds_until_settled(keys_from_environment(), service))
        engine = _engine(url)
        try:
            found = [await needed_keys(engine, table) for table in sealed_tables(service)]
        finally:
            await engine.dispose()
        needed: set[int] = set().union(*found)
        retired = rings.retire(keys_from_environment(), service, _handed(), needed)
        active = rings.read(keys_from_environment(), service)["active"]
        if retired:
            print(f"{service}: retired {', '.join(f'key {number}' for number in retired)}")
        if old := sorted(needed - {active}):
            still = ", ".join(f"key {number}" for number in old)
            print(f"{service}: {still} still needed; run qayidis keys reseal first")
        elif not retired:
            print(f"{service}: nothing to retire")


def _sealer(service: str) -> "Sealer":
    from shared.sealing import Sealer  # noqa: PLC0415

    try:
        return Sealer.from_file(ring_file(keys_from_environment(), service))
    except ValueError as wrong:
        raise DeployError(f"{wrong}; set QAYIDIS_KEYS_DIR") from wrong


def _engine(url: str) -> "AsyncEngine":
    from shared.database import create_engine  # noqa: PLC0415

    return create_engine(url, service="qayidis keys", pool_size=1)


def _databases() -> Mapping[str, str]:
    """Each sealing service's database: as its migrator by the environment, else the local one's."""
    given = ("QAYIDIS_POSTGRES_URL", *(f"{name.upper()}_MIGRATOR_DATABASE_URL" for name in SEALING))
    if any(os.environ.get(name) for name in given):
        urls = read_migrators(os.environ)
        return {service: urls[service] for service in SEALING}
    return dict.fromkeys(SEALING, where()["postgres"])


def _handed() -> Path | None:
    handed = os.environ.get("QAYIDIS_HANDED_KEYS_DIR")
    return Path(handed) if handed else None
