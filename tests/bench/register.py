"""Putting a whole register straight into the tables, with everything people are found by."""

import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import asyncpg

from services.registration.duplicates.blocks import records_of, stored
from services.registration.families.domain import Family
from services.registration.families.name_keys import Word
from services.registration.families.queries import family_values, person_values
from services.registration.search.domain import variants
from services.registration.search.keys import keys_of
from shared.sealing import Sealer

_BATCH = 5_000

_SLOW = {
    "ix_person_keys_words": "person_keys USING gin (words)",
    "ix_person_blocks_blocks": "person_blocks USING gin (blocks)",
}
"""Indexes that are built many times faster when everything is there."""


async def fill(database: asyncpg.Connection, sealer: Sealer, families: Iterable[Family]) -> int:
    """Write families by COPY as the service would write them; gives how many people they are."""
    began, people = time.perf_counter(), 0
    dictionary = _Dictionary()
    # The words of persons are posted at the end, in order: many times faster than one by one.
    await database.execute("ALTER TABLE registration.person_keys DISABLE TRIGGER USER")
    for index in _SLOW:
        await database.execute(f"DROP INDEX registration.{index}")
    await database.execute("ALTER TABLE registration.person_words DROP CONSTRAINT pk_person_words")
    everyone = iter(families)
    while batch := list(islice(everyone, _BATCH)):
        await _copy(database, "families", [_family(sealer, each) for each in batch])
        await _copy(database, "persons", [row for each in batch for row in _persons(sealer, each)])
        await _copy(
            database, "person_keys", [row for each in batch for row in dictionary.keys(each)]
        )
        blocks = [row for each in batch for row in _blocks(sealer, each)]
        await _copy(database, "person_blocks", blocks)
        people += sum(len(each.persons) for each in batch)
    await dictionary.write(database)
    await database.execute(
        """
        INSERT INTO registration.person_words (word_id, order_key, person_id)
        SELECT word_id, order_key, person_id FROM registration.person_keys,
            unnest(words) AS w(word_id) ORDER BY 1, 2, 3
        """
    )
    await database.execute(
        "ALTER TABLE registration.person_words "
        "ADD CONSTRAINT pk_person_words PRIMARY KEY (word_id, order_key, person_id)"
    )
    await database.execute("ALTER TABLE registration.person_keys ENABLE TRIGGER USER")
    for index, on in _SLOW.items():
        await database.execute(f"CREATE INDEX {index} ON registration.{on} WITH (fastupdate = off)")
    await database.execute("VACUUM ANALYZE")
    print(f"    {people:,} people in {time.perf_counter() - began:,.0f} s", flush=True)
    return people


class _Dictionary:
    """Numbers words as they come, and writes them all at the end."""

    def __init__(self) -> None:
        self._words: dict[str, tuple[int, Word]] = {}

    def keys(self, family: Family) -> Iterator[dict[str, Any]]:
        for each in keys_of(family):
            yield {
                "person_id": each.person_id,
                "family_id": each.family_id,
                "order_key": each.order,
                "words": sorted({self._number(word) for word in each.words}),
            }

    def _number(self, word: Word) -> int:
        return self._words.setdefault(word.spelling, (len(self._words) + 1, word))[0]

    async def write(self, database: asyncpg.Connection) -> None:
        words = sorted(self._words.values(), key=lambda each: each[0])
        rows = [{"spelling": word.spelling} for _, word in words]
        await _copy(database, "words", rows)
        folds = [
            {
                "fold": fold,
                "word_id": number,
                "spelling": word.spelling,
                "variants": variants(fold) if len(fold) > 2 else [],
            }
            for number, word in words
            for fold in sorted(word.readings)
        ]
        await _copy(database, "word_folds", folds)
        print(f"    {len(words):,} words in {len(folds):,} folds", flush=True)


def _family(sealer: Sealer, family: Family) -> dict[str, Any]:
    values = family_values(sealer, family)
    return {"id": family.id, "created_at": family.created_at, **values}


def _persons(sealer: Sealer, family: Family) -> Iterator[dict[str, Any]]:
    for place, person in enumerate(family.persons):
        yield person_values(sealer, family.id, place, person)


def _blocks(sealer: Sealer, family: Family) -> Iterator[dict[str, Any]]:
    for record in records_of(sealer, family):
        yield {"person_id": record.person_id, "blocks": stored(record)}


async def _copy(database: asyncpg.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0])
    await database.copy_records_to_table(
        table,
        schema_name="registration",
        columns=columns,
        records=[tuple(row[column] for column in columns) for row in rows],
    )
