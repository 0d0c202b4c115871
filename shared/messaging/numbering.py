"""Numbers for what leaves: gapless, because only the one active relay gives them."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

import asyncpg


class Numbered(Protocol):
    """One row of the outbox that has its numbers."""

    entry: int
    id: UUID
    type: str
    exchange: str
    routing_key: str
    expects_route: bool
    subject: str
    subject_version: int
    occurred_at: datetime
    correlation_id: str
    causation_id: str | None
    traceparent: str | None
    data: str | None
    sealed: bytes | None
    position: int
    sequence: int


_COLUMNS = """entry, id, type, exchange, routing_key, expects_route, subject, subject_version,
    occurred_at, correlation_id, causation_id, traceparent, data, sealed, position, sequence"""

# A subject's second message is numbered behind every first one (its wave): publishing by position
# then never has two messages of a subject in flight, and numbers still follow that order.
_NUMBER = f"""
WITH waiting AS (
    SELECT entry, type, subject FROM outbox WHERE position IS NULL ORDER BY entry LIMIT $1
), waves AS (
    SELECT entry, type, row_number() OVER (PARTITION BY subject ORDER BY entry) AS wave FROM waiting
), placed AS (
    SELECT entry, type,
        row_number() OVER (ORDER BY wave, entry) AS place,
        row_number() OVER (PARTITION BY type ORDER BY wave, entry) AS step
    FROM waves
), counted AS (
    SELECT type, count(*) AS many FROM placed GROUP BY type
    UNION ALL
    SELECT '', count(*) FROM placed HAVING count(*) > 0
), advanced AS (
    INSERT INTO outbox_sequences AS kept (type, last) SELECT type, many FROM counted
    ON CONFLICT (type) DO UPDATE SET last = kept.last + excluded.last
    RETURNING type, last
), starts AS (
    SELECT type, last - many AS before FROM advanced JOIN counted USING (type)
)
UPDATE outbox SET
    position = (SELECT before FROM starts WHERE type = '') + placed.place,
    sequence = starts.before + placed.step
FROM placed JOIN starts USING (type)
WHERE outbox.entry = placed.entry
RETURNING {", ".join(f"outbox.{name.strip()}" for name in _COLUMNS.split(","))}
"""  # noqa: S608  only constants are joined

_LEFT_OVER = f"""
SELECT {_COLUMNS} FROM outbox
WHERE position IS NOT NULL AND published_at IS NULL AND NOT subject = ANY($2::text[])
ORDER BY position LIMIT $1
"""  # noqa: S608  only constants are joined

# Not worth waiting for the disk: a mark lost in a crash only sends the same bytes once more.
_MARK = """
WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))
UPDATE outbox SET published_at = now() FROM quick WHERE entry = ANY($1::bigint[])
"""


async def number_waiting(database: asyncpg.Connection, limit: int) -> list[Numbered]:
    """Give the next numbers to at most `limit` rows and commit; return them in order."""
    rows = await database.fetch(_NUMBER, limit, record_class=_Row)
    return sorted(rows, key=lambda row: row.position)


async def left_over(database: asyncpg.Connection, limit: int, held: list[str]) -> list[Numbered]:
    """Return rows that have numbers but no confirm, without those of the held subjects."""
    return list(await database.fetch(_LEFT_OVER, limit, held, record_class=_Row))


async def mark_published(database: asyncpg.Connection, entries: list[int]) -> None:
    """Note that the broker confirmed these rows."""
    await database.execute(_MARK, entries)


class _Row(asyncpg.Record):  # type: ignore[misc]  # asyncpg has no types
    """A record whose columns are attributes."""

    def __getattr__(self, name: str) -> object:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None
