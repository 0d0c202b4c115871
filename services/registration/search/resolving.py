"""From typed words to the registered words they may mean."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.families.name_keys import Word
from services.registration.search import queries
from services.registration.search.domain import (
    Meant,
    Term,
    distance,
    edits_allowed,
    variants,
)

_SHORTEST_BEGINNING = 2


async def by_spelling(session: AsyncSession, words: Sequence[Word]) -> list[Term]:
    """Find the registered words that are the same in some spelling."""
    folds = {fold for word in words for fold in word.readings}
    rows = await queries.words_by_fold(session, folds) if folds else []
    return [
        Term(
            word.spelling,
            {
                row.word_id: Meant(
                    row.spelling, "exact" if row.spelling == word.spelling else "spelling"
                )
                for row in rows
                if row.fold in word.readings
            },
        )
        for word in words
    ]


async def by_likeness(
    session: AsyncSession, words: Sequence[Word], known: Sequence[Term]
) -> list[Term]:
    """Add the registered words that begin like it, or differ by a typing slip."""
    beginnings = await _beginnings(session, words)
    return [
        Term(
            word.spelling,
            {**await _slips(session, word), **begun, **term.words},
        )
        for word, term, begun in zip(words, known, beginnings, strict=True)
    ]


async def _beginnings(session: AsyncSession, words: Sequence[Word]) -> list[dict[int, Meant]]:
    asked = [
        (place, fold)
        for place, word in enumerate(words)
        for fold in sorted(word.readings)
        if len(fold) >= _SHORTEST_BEGINNING
    ]
    found: list[dict[int, Meant]] = [{} for _ in words]
    for row in await queries.words_by_beginning(session, asked):
        found[row.place][row.word_id] = Meant(row.spelling, "beginning")
    return found


async def _slips(session: AsyncSession, word: Word) -> dict[int, Meant]:
    edits = edits_allowed(word.spelling)
    if not edits:
        return {}
    # A word of one edit too many for itself may still share a variant, so the distance decides.
    asked = sorted({each for fold in word.readings for each in variants(fold, edits)})
    near: dict[int, tuple[int, str]] = {}
    for row in await queries.words_by_variants(session, asked):
        off = min(distance(fold, row.fold, edits) for fold in word.readings)
        if off <= edits:
            near[row.word_id] = min((off, row.spelling), near.get(row.word_id, (off, row.spelling)))
    kept = sorted(near.items(), key=lambda each: each[1])[: queries.MOST_WORDS]
    return {id_: Meant(spelling, "typo" if off <= 1 else "typos") for id_, (off, spelling) in kept}
