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
    asked = [
        {
            "place": place,
            "fold": fold,
            "edits": edits_allowed(word.spelling),
            "variants": variants(fold, edits) if (edits := edits_allowed(word.spelling)) else [],
        }
        for place, word in enumerate(words)
        for fold in sorted(word.readings)
    ]
    begun: list[dict[int, Meant]] = [{} for _ in words]
    near: list[dict[int, tuple[int, str]]] = [{} for _ in words]
    for row in await queries.words_like(session, asked):
        if row.begins:
            begun[row.place][row.word_id] = Meant(row.spelling, "beginning")
            continue
        # Words with a variant in common may still be further apart, so the distance decides.
        edits = edits_allowed(words[row.place].spelling)
        off = min(distance(fold, row.fold, edits) for fold in words[row.place].readings)
        if off <= edits:
            before = near[row.place].get(row.word_id, (off, row.spelling))
            near[row.place][row.word_id] = min(before, (off, row.spelling))
    return [
        Term(word.spelling, {**_nearest(near[place]), **begun[place], **term.words})
        for place, (word, term) in enumerate(zip(words, known, strict=True))
    ]


def _nearest(near: Mapping[int, tuple[int, str]]) -> dict[int, Meant]:
    kept = sorted(near.items(), key=lambda each: each[1])[: queries.MOST_WORDS]
    return {id_: Meant(spelling, "typo" if off <= 1 else "typos") for id_, (off, spelling) in kept}
