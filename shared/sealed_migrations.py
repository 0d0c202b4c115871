"""Sealing columns that were plain, and opening them again, inside a migration.

Alembic has no keys: the caller of `shared.migrations.upgrade` gives them. A table without a row to
seal needs none.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from alembic import op
from sqlalchemy import RowMapping, text

from shared.sealing import Sealer

BATCH = 2000
"""Rows read and written at once, so that memory stays bounded."""

Values: TypeAlias = Mapping[str, Any]


class NoKeysError(Exception):
    """There are rows to seal or open, and no keys were given."""


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A table, the column that names a row, and which columns are read of the rows concerned."""

    table: str
    key: str
    columns: Sequence[str]
    concerned: str


def rewrite(rewriting: Rewriting, make: Callable[[Sealer, RowMapping], Values]) -> None:
    """Update each row concerned with what `make` gives for it, in batches.

    Raises:
        NoKeysError: a row is concerned, and the migration was given no keys.
    """
    connection = op.get_bind()
    for rows in _batches(rewriting):
        sealer = _sealer()
        values = [{"key_": row[rewriting.key], **make(sealer, row)} for row in rows]
        changed = ", ".join(f"{name} = :{name}" for name in values[0] if name != "key_")
        connection.execute(
            text(f"UPDATE {rewriting.table} SET {changed} WHERE {rewriting.key} = :key_"),  # noqa: S608
            values,
        )


def write_anew(table: str, index: str) -> None:
    """Write a table anew: a dropped column's bytes would stay in the files of the old one."""
    op.execute(f"CLUSTER {table} USING {index}")
    op.execute(f"ALTER TABLE {table} SET WITHOUT CLUSTER")


def _batches(rewriting: Rewriting) -> Iterator[Sequence[RowMapping]]:
    connection = op.get_bind()
    names = ", ".join(rewriting.columns)
    statement = (
        f"SELECT {rewriting.key}, {names} FROM {rewriting.table} "  # noqa: S608
        f"WHERE ({rewriting.concerned}) {{after}} ORDER BY {rewriting.key} LIMIT {BATCH}"
    )
    rows = connection.execute(text(statement.format(after=""))).mappings().all()
    following = text(statement.format(after=f"AND {rewriting.key} > :last"))
    while rows:
        yield rows
        last = rows[-1][rewriting.key]
        rows = connection.execute(following, {"last": last}).mappings().all()


def _sealer() -> Sealer:
    config = op.get_context().config
    sealer = config.attributes.get("sealer") if config else None
    if not isinstance(sealer, Sealer):
        raise NoKeysError("there are rows to seal: give the keys by QAYIDIS_KEYS_DIR")
    return sealer
