"""From typed words to the registered words they may mean."""

from collections.abc import Mapping, Sequence

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
    begun = await _beginnings(session, words)
    slipped = await _slips(session, words)
    return [
        Term(word.spelling, {**slipped[place], **begun[place], **term.words})
        for place, (word, term) in enumerate(zip(words, known, strict=True))
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


async def _slips(session: AsyncSession, words: Sequence[Word]) -> list[dict[int, Meant]]:
    asked = {
        place: sorted({each for fold in word.readings for each in variants(fold, edits)})
        for place, word in enumerate(words)
        if (edits := edits_allowed(word.spelling))
    }
    near: list[dict[int, tuple[int, str]]] = [{} for _ in words]
    # Words with a variant in common may still be further apart, so the distance decides.
    for row in await queries.words_by_variants(session, asked) if asked else ():
        word = words[row.place]
        edits = edits_allowed(word.spelling)
        off = min(distance(fold, row.fold, edits) for fold in word.readings)
        known = near[row.place].get(row.word_id)
        if off <= edits and (known is None or off < known[0]):
            near[row.place][row.word_id] = (off, row.spelling)
    return [_nearest(each) for each in near]


def _nearest(near: Mapping[int, tuple[int, str]]) -> dict[int, Meant]:
    kept = sorted(near.items(), key=lambda each: each[1])[: queries.MOST_WORDS]
    return {id_: Meant(spelling, "typo" if off <= 1 else "typos") for id_, (off, spelling) in kept}
