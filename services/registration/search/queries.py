"""Reads of search: typed words to registered words, words to persons."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Row, RowMapping, TextClause, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.families import reach
from services.registration.families.tables import FAMILIES, PERSONS
from services.registration.search.domain import Candidate
from services.registration.search.tables import PERSON_KEYS, WORD_FOLDS

Rows = Sequence[Row[*tuple[Any, ...]]]

MOST = 400
"""Persons that are compared where a word may mean many others."""

MOST_WORDS = 60
"""Registered words that one typed word may mean by its beginning."""

SHORTEST = 2
"""Letters of a beginning."""

LIKE_THEM = text(
    """
    WITH asked AS (
        SELECT * FROM jsonb_to_recordset(CAST(:asked AS jsonb))
            AS a(place integer, fold text, edits integer, variants integer[])
    )
    SELECT a.place, f.fold, f.word_id, f.spelling, true AS begins
    FROM asked a CROSS JOIN LATERAL (
        SELECT fold, word_id, spelling FROM word_folds
        WHERE fold >= a.fold COLLATE "C" AND fold < (a.fold || U&'\\+10FFFF') COLLATE "C"
        ORDER BY length(fold), fold LIMIT :most
    ) f WHERE length(a.fold) >= :shortest
    UNION ALL
    SELECT a.place, f.fold, f.word_id, f.spelling, false
    FROM asked a CROSS JOIN LATERAL (
        SELECT fold, word_id, spelling FROM word_folds
        WHERE variants && a.variants AND abs(length(fold) - length(a.fold)) <= a.edits LIMIT 500
    ) f
    """
)
_FIRST = """
    SELECT k.person_id, k.words, k.order_key FROM (
        SELECT DISTINCT p.order_key, p.person_id
        FROM unnest(CAST(:words AS integer[])) AS w(id) CROSS JOIN LATERAL (
            SELECT order_key, person_id FROM person_words one WHERE word_id = w.id {reached}
            ORDER BY order_key, person_id LIMIT :most
        ) p ORDER BY 1, 2 LIMIT :most
    ) found JOIN person_keys k USING (person_id)
    """


async def words_by_fold(session: AsyncSession, folds: Collection[str]) -> Rows:
    """Read the registered words that share a fold: `fold`, `word_id`, `spelling`."""
    columns = (WORD_FOLDS.c.fold, WORD_FOLDS.c.word_id, WORD_FOLDS.c.spelling)
    statement = select(*columns).where(WORD_FOLDS.c.fold.in_(sorted(folds)))
    return (await session.execute(statement)).all()


async def words_like(session: AsyncSession, asked: Sequence[Mapping[str, Any]]) -> Rows:
    """Read the words that begin like a `fold`, or may be within so many `edits` of it.

    Each comes with the place of what was asked; the shortest beginnings come first.
    """
    values = {"asked": to_json(asked).decode(), "most": MOST_WORDS, "shortest": SHORTEST}
    return (await session.execute(LIKE_THEM, values)).all()


async def first_with(session: AsyncSession, words: Collection[int], most: int) -> list[Candidate]:
    """Read persons who have one of some words, the first in the alphabet's order."""
    values = {"words": sorted(words), "most": most, **reach.parameters()}
    return [_candidate(row) for row in await session.execute(first(), values)]


async def with_all(
    session: AsyncSession, sets: Sequence[Collection[int]], first: int | None = None
) -> list[Candidate]:
    """Read persons who have a word of each set: so many, the first of all, or else some of them.

    To put them in order all are read. So that is for sets of a few words, which few have all.
    """
    values: dict[str, Any] = {f"s{place}": sorted(each) for place, each in enumerate(sets)}
    values |= {**reach.parameters(), "most": first or MOST}
    rows = await session.execute(meeting(len(sets), ordered=first is not None), values)
    return [_candidate(row) for row in rows]


async def keys_of(session: AsyncSession, person_ids: Collection[UUID]) -> list[Candidate]:
    """Read what some persons are found by."""
    columns = (PERSON_KEYS.c.person_id, PERSON_KEYS.c.words, PERSON_KEYS.c.order_key)
    statement = select(*columns).where(
        PERSON_KEYS.c.person_id.in_(person_ids), reach.family_within(PERSON_KEYS.c.family_id)
    )
    return [_candidate(row) for row in await session.execute(statement)]


async def families_with(
    session: AsyncSession, sets: Sequence[Collection[int]], most: int
) -> set[UUID] | None:
    """Read the families of persons who have a word of each set, None where they are too many."""
    values: dict[str, Any] = {f"s{place}": sorted(each) for place, each in enumerate(sets)}
    values |= reach.parameters()
    statement = meeting(len(sets), "family_id")
    rows = (await session.execute(statement, {**values, "most": most + 1})).all()
    return None if len(rows) > most else {row.family_id for row in rows}


async def read_persons(
    session: AsyncSession, person_ids: Collection[UUID]
) -> Mapping[UUID, RowMapping]:
    """Read names and places of some persons; nothing that is sealed."""
    statement = (
        select(
            *(PERSONS.c[name] for name in _SHOWN),
            FAMILIES.c.origin_district,
            FAMILIES.c.origin_settlement,
            FAMILIES.c.residence_district,
            FAMILIES.c.residence_settlement,
        )
        .join(FAMILIES, FAMILIES.c.id == PERSONS.c.family_id)
        .where(PERSONS.c.id.in_(person_ids), reach.within())
    )
    return {row["id"]: row for row in (await session.execute(statement)).mappings()}


_SHOWN = (
    "id", "family_id", "given_name", "family_name", "patronymic", "sex", "birth_date", "relation"
)  # fmt: skip


def _reached(person_id: str) -> str:
    within = reach.sql("keys.family_id")
    if not within:
        return ""
    return f"AND EXISTS (SELECT 1 FROM person_keys keys WHERE keys.person_id = {person_id}{within})"  # noqa: S608


def first() -> TextClause:
    """Make the statement that finds the first persons with one of `words`."""
    return text(_FIRST.format(reached=_reached("one.person_id")))


def meeting(
    sets: int, columns: str = "person_id, words, order_key", *, ordered: bool = False
) -> TextClause:
    """Make the statement that finds persons with a word of each set `s0`, `s1` …"""
    # Materialised, so that the plan is made for all rows, by the index, and stopped early.
    conditions = " AND ".join(f"words && CAST(:s{place} AS integer[])" for place in range(sets))
    order = "ORDER BY order_key, person_id" if ordered else ""
    return text(
        f"WITH found AS MATERIALIZED (SELECT {columns} FROM person_keys keys WHERE {conditions}"  # noqa: S608
        f"{reach.sql('keys.family_id')}) "
        f"SELECT * FROM found {order} LIMIT :most"
    )


def _candidate(row: Row[*tuple[Any, ...]]) -> Candidate:
    return Candidate(row.person_id, frozenset(row.words), row.order_key)
