"""Sealing anew, under the active key, what older keys sealed; the system runs meanwhile."""

import asyncio
import pkgutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Table,
    and_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from deploy.bootstrap.failure import DeployError
from shared.sealing import Sealer, SealError, key_number

BATCH = 500
"""Rows locked and written at once: for some hundredths of a second."""

PATIENCE_SECONDS = 60.0
SAY_EVERY_SECONDS = 5.0

Say = Callable[[str], None]


@dataclass
class Resealed:
    """What became of one table's rows; `unreadable` counts them by the number of their key."""

    table: str
    rows: int = 0
    unreadable: Counter[int] = field(default_factory=Counter)


def sealed_tables(service: str) -> list[Table]:
    """Find every table of a service that has a sealed column."""
    package = import_module(f"services.{service}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if module.name.endswith(".tables"):
            import_module(module.name)
    metadata = import_module(f"services.{service}.database").METADATA
    return [table for table in metadata.sorted_tables if contexts(table)]


def contexts(table: Table) -> dict[str, str]:
    """The sealed columns of a table, each with its context."""
    return {column.name: column.info["sealed"] for column in table.c if "sealed" in column.info}


async def reseal_all(
    engine: AsyncEngine, tables: Sequence[Table], sealer: Sealer, say: Say
) -> list[Resealed]:
    """Seal all these tables anew, until none holds what an older key sealed.

    Raises DeployError when rows are held for longer than a minute.
    """
    total = {table.fullname: Resealed(table.fullname) for table in tables}
    while True:
        # A service may copy a sealed address from a table that is done later than its target.
        found = [await reseal(engine, table, sealer, say) for table in tables]
        for each in found:
            total[each.table].rows += each.rows
            total[each.table].unreadable = each.unreadable
        if not any(each.rows for each in found):
            return list(total.values())


async def reseal(
    engine: AsyncEngine, table: Table, sealer: Sealer, say: Say, patience: float = PATIENCE_SECONDS
) -> Resealed:
    """Seal a table's rows anew; what a crash left undone, the next call does.

    A row that somebody holds is passed by and taken later, so nobody waits for us, and what is
    written meanwhile is never lost. Memory stays bounded.

    Raises DeployError when rows are held for longer than `patience` seconds.
    """
    done = Resealed(table.fullname)
    stuck_since: float | None = None
    while True:
        before = done.rows
        done.unreadable.clear()
        await _pass_through(engine, table, sealer, done, say)
        async with engine.connect() as connection:
            left = await _count_stale(connection, table, sealer)
        if left <= done.unreadable.total():
            return done
        now = time.monotonic()
        stuck_since = stuck_since or now
        if done.rows > before:
            stuck_since = now
        elif now - stuck_since > patience:
            raise DeployError(f"{left} rows of {table.fullname} are held by other transactions")
        await asyncio.sleep(0.2)


async def needed_keys(engine: AsyncEngine, table: Table) -> set[int]:
    """Tell which keys sealed what a table holds."""
    numbers: set[int] = set()
    async with engine.connect() as connection:
        for name in contexts(table):
            statement = select(func.substr(table.c[name], 1, 2)).distinct()
            found = (await connection.scalars(statement)).all()
            numbers |= {key_number(each) for each in found if each is not None}
    return numbers


async def _pass_through(
    engine: AsyncEngine, table: Table, sealer: Sealer, done: Resealed, say: Say
) -> None:
    key = list(table.primary_key.columns)
    last: tuple[Any, ...] | None = None
    said = time.monotonic()
    while True:
        statement = (
            select(*key, *(table.c[name] for name in contexts(table)))
            .where(_stale(table, sealer))
            .order_by(*key)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        if last is not None:
            statement = statement.where(tuple_(*key) > last)
        async with engine.begin() as connection:
            rows = (await connection.execute(statement)).mappings().all()
            if not rows:
                return
            anew = list(_anew(table, sealer, rows, done))
            if anew:
                await connection.execute(_write(table), anew)
        done.rows += len(anew)
        last = tuple(rows[-1][column.name] for column in key)
        if time.monotonic() - said > SAY_EVERY_SECONDS:
            said = time.monotonic()
            say(f"{table.fullname}: {done.rows} rows so far")


def _anew(
    table: Table, sealer: Sealer, rows: Sequence[RowMapping], done: Resealed
) -> Iterator[dict[str, Any]]:
    active = sealer.active
    for row in rows:
        values: dict[str, Any] = {f"new_{name}": row[name] for name in contexts(table)}
        try:
            for name, context in contexts(table).items():
                sealed = row[name]
                if sealed is not None and key_number(sealed) != active:
                    opened = sealer.open_bytes(sealed, context)
                    values[f"new_{name}"] = sealer.seal_bytes(opened, context)
        except SealError:
            done.unreadable[key_number(sealed)] += 1
            continue
        yield {**values, **{f"key_{column.name}": row[column.name] for column in table.primary_key}}


def _write(table: Table) -> Any:
    same = (column == bindparam(f"key_{column.name}") for column in table.primary_key)
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in contexts(table)}
    return update(table).where(and_(*same)).values(values)


def _stale(table: Table, sealer: Sealer) -> ColumnElement[bool]:
    active = sealer.active.to_bytes(2)
    return or_(*(func.substr(table.c[name], 1, 2) != active for name in contexts(table)))


async def _count_stale(connection: AsyncConnection, table: Table, sealer: Sealer) -> int:
    count = select(func.count()).select_from(table).where(_stale(table, sealer))
    return int(await connection.scalar(count) or 0)
