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
from services.registration.search.tables import PERSON_KEYS, WORD_FOLDS, WORDS

Rows = Sequence[Row[*tuple[Any, ...]]]

MOST = 400
"""Persons that are compared; where more are met, the first of the alphabet's order."""

MOST_WORDS = 60
"""Registered words that one typed word may mean by its beginning."""

_PROBED = 5_000

_BEGINNINGS = text(
    """
    SELECT b.place, f.fold, f.word_id, w.spelling
    FROM jsonb_to_recordset(CAST(:beginnings AS jsonb)) AS b(place integer, fold text)
    CROSS JOIN LATERAL (
        SELECT fold, word_id FROM word_folds
        WHERE fold >= b.fold COLLATE "C" AND fold < (b.fold || U&'\\+10FFFF') COLLATE "C"
        ORDER BY fold LIMIT :most
    ) f JOIN words w ON w.id = f.word_id
    """
)
VARIANTS = text(
    """
    SELECT a.place, f.fold, f.word_id, w.spelling
    FROM jsonb_to_recordset(CAST(:asked AS jsonb)) AS a(place integer, variants integer[])
    CROSS JOIN LATERAL (
        SELECT fold, word_id FROM word_folds WHERE variants && a.variants LIMIT 500
    ) f JOIN words w ON w.id = f.word_id
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
_PROBE = text(
    """
    SELECT count(*) FROM (
        SELECT 1 FROM person_words WHERE word_id = ANY(CAST(:words AS integer[])) LIMIT :most
    ) few
    """
)


async def words_by_fold(session: AsyncSession, folds: Collection[str]) -> Rows:
    """Read the registered words that share a fold: `fold`, `word_id`, `spelling`."""
    statement = (
        select(WORD_FOLDS.c.fold, WORD_FOLDS.c.word_id, WORDS.c.spelling)
        .join(WORDS, WORDS.c.id == WORD_FOLDS.c.word_id)
        .where(WORD_FOLDS.c.fold.in_(sorted(folds)))
    )
    return (await session.execute(statement)).all()


async def words_by_beginning(session: AsyncSession, beginnings: Sequence[tuple[int, str]]) -> Rows:
    """Read the words whose fold begins like one of these; each comes with its place."""
    rows = [{"place": place, "fold": fold} for place, fold in beginnings]
    values = {"beginnings": to_json(rows).decode(), "most": MOST_WORDS}
    return (await session.execute(_BEGINNINGS, values)).all()


async def words_by_variants(session: AsyncSession, variants: Mapping[int, Sequence[int]]) -> Rows:
    """Read the words that may be within two letters of one with these variants, by its place."""
    rows = [{"place": place, "variants": each} for place, each in variants.items()]
    return (await session.execute(VARIANTS, {"asked": to_json(rows).decode()})).all()


async def first_with(session: AsyncSession, words: Collection[int], most: int) -> list[Candidate]:
    """Read persons who have one of some words, the first in the alphabet's order."""
    values = {"words": sorted(words), "most": most, **reach.parameters()}
    return [_candidate(row) for row in await session.execute(first(), values)]


async def with_all(
    session: AsyncSession, sets: Sequence[Collection[int]], most: int
) -> list[Candidate]:
    """Read persons who have a word of each set; the first of them where they are many."""
    values: dict[str, Any] = {f"s{place}": sorted(each) for place, each in enumerate(sets)}
    values |= reach.parameters()
    rows = (await session.execute(meeting(len(sets)), {**values, "most": MOST})).all()
    if len(rows) == MOST:
        rows = await _walk(session, sets, values, most)
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


def meeting(sets: int, columns: str = "person_id, words, order_key") -> TextClause:
    """Make the statement that finds persons with a word of each set `s0`, `s1` …"""
    # Materialised, so that the plan is made for all rows, by the index, and stopped early.
    conditions = " AND ".join(f"words && CAST(:s{place} AS integer[])" for place in range(sets))
    return text(
        f"WITH found AS MATERIALIZED (SELECT {columns} FROM person_keys keys WHERE {conditions}"  # noqa: S608
        f"{reach.sql('keys.family_id')}) "
        "SELECT * FROM found LIMIT :most"
    )


async def _walk(
    session: AsyncSession,
    sets: Sequence[Collection[int]],
    values: Mapping[str, Any],
    most: int,
) -> Rows:
    """Go through the persons of the rarest set in order, until enough of them have the others too.

    Taken where many have them all, so that few are passed over.
    """
    counts = [
        await session.scalar(_PROBE, {"words": sorted(each), "most": _PROBED}) for each in sets
    ]
    rarest = counts.index(min(counts, key=lambda count: count or 0))
    others = " AND ".join(
        f"k.words && CAST(:s{place} AS integer[])" for place in range(len(sets)) if place != rarest
    )
    statement = text(
        f"""
        SELECT DISTINCT p.person_id, p.words, p.order_key
        FROM unnest(CAST(:s{rarest} AS integer[])) AS w(id) CROSS JOIN LATERAL (
            SELECT k.person_id, k.words, k.order_key
            FROM person_words p JOIN person_keys k USING (person_id)
            WHERE p.word_id = w.id AND {others}{reach.sql("k.family_id")}
            ORDER BY p.order_key, p.person_id LIMIT :most
        ) p
        """  # noqa: S608  numbers of parameters alone
    )
    return (await session.execute(statement, {**values, "most": most})).all()


def _candidate(row: Row[*tuple[Any, ...]]) -> Candidate:
    return Candidate(row.person_id, frozenset(row.words), row.order_key)
