"""Sealing columns that were plain, and opening them again, inside a migration.

Alembic has no keys: the caller of `shared.migrations.upgrade` gives them. A table without a row to
seal needs none.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa
from alembic import op
from sqlalchemy import RowMapping, text

from shared.contracts.base import PUBLIC
from shared.idempotency import BODY, request_index
from shared.messaging.tables import DATA
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


def rewrite(rewriting: Rewriting, make: Callable[[Sealer, RowMapping], Values]) -> bool:
    """Update each row concerned with what `make` gives for it, in batches; False without any.

    Raises:
        NoKeysError: a row is concerned, and the migration was given no keys.
    """
    connection = op.get_bind()
    rewritten = False
    for rows in _batches(rewriting):
        rewritten = True
        sealer = _sealer()
        values = [{"key_": row[rewriting.key], **make(sealer, row)} for row in rows]
        changed = ", ".join(f"{name} = :{name}" for name in values[0] if name != "key_")
        connection.execute(
            text(f"UPDATE {rewriting.table} SET {changed} WHERE {rewriting.key} = :key_"),  # noqa: S608
            values,
        )
    return rewritten


def write_anew(table: str, column: str) -> None:
    """Write a table anew, without the bytes of dropped columns and of rows' older versions.

    `column` is any of type text or bytea; it keeps its values. (CLUSTER would copy the versions
    that this very transaction replaced.)
    """
    (kind,) = (
        op.get_bind()
        .execute(
            text(
                "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
                "WHERE attrelid = CAST(:table AS regclass) AND attname = :column"
            ),
            {"table": table, "column": column},
        )
        .one()
    )
    op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind} USING {column} || ''")


def seal_outbox(schema: str) -> None:
    """Let messages be sealed, and seal those that may carry personal data.

    Raises:
        NoKeysError: there are such messages, and the migration was given no keys.
    """
    table = f"{schema}.outbox"
    op.add_column("outbox", sa.Column("sealed", sa.LargeBinary()), schema=schema)
    op.alter_column("outbox", "data", nullable=True, schema=schema)
    internal = Rewriting(table, "entry", ["data"], f"exchange <> '{PUBLIC}'")
    if rewrite(internal, lambda keys, row: {"data": None, "sealed": keys.seal(row["data"], DATA)}):
        write_anew(table, "data")
    op.create_check_constraint(
        op.f("ck_outbox_data_or_sealed"), "outbox", "num_nonnulls(data, sealed) = 1", schema=schema
    )


def open_outbox(schema: str) -> None:
    """Undo `seal_outbox`."""
    op.drop_constraint(op.f("ck_outbox_data_or_sealed"), "outbox", schema=schema)
    rewrite(
        Rewriting(f"{schema}.outbox", "entry", ["sealed"], "sealed IS NOT NULL"),
        lambda keys, row: {"data": keys.open(row["sealed"], DATA)},
    )
    op.alter_column("outbox", "data", nullable=False, schema=schema)
    op.drop_column("outbox", "sealed", schema=schema)


def seal_answers(schema: str) -> None:
    """Seal the answers that are kept for repeated calls.

    Raises:
        NoKeysError: there are some, and the migration was given no keys.
    """
    table = f"{schema}.idempotency_keys"
    sealed = rewrite(
        Rewriting(table, "key", ["request_hash", "body"], "true"),
        lambda keys, row: {
            "request_hash": request_index(keys, row["request_hash"]),
            "body": keys.seal_bytes(row["body"], BODY),
        },
    )
    if sealed:
        write_anew(table, "body")


def forget_answers(schema: str) -> None:
    """Undo `seal_answers`; a request's hash cannot be told from its index, so they are dropped."""
    op.execute(f"TRUNCATE {schema}.idempotency_keys")


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
