"""Writing what persons are found by, in the transaction that writes the persons."""

from collections.abc import Collection, Mapping, Sequence

from pydantic_core import to_json
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.families.domain import Family
from services.registration.families.name_keys import Word
from services.registration.search.domain import variants
from services.registration.search.keys import keys_of
from services.registration.search.tables import WORDS

_NEW_WORDS = 0x776F726473
"""The advisory lock of whoever adds words: two that add the same ones never wait in a circle."""

_WRITE_KEYS = text(
    """
    INSERT INTO person_keys (person_id, family_id, order_key, words)
    SELECT person_id, family_id, order_key, words FROM jsonb_to_recordset(CAST(:keys AS jsonb))
        AS k(person_id uuid, family_id uuid, order_key text, words integer[])
    ON CONFLICT (person_id) DO UPDATE SET family_id = excluded.family_id,
        order_key = excluded.order_key, words = excluded.words
    WHERE (person_keys.family_id, person_keys.order_key, person_keys.words)
        IS DISTINCT FROM (excluded.family_id, excluded.order_key, excluded.words)
    """
)
_ADD_WORDS = text(
    """
    INSERT INTO words (spelling) SELECT unnest(CAST(:spellings AS text[]))
    ON CONFLICT DO NOTHING RETURNING id, spelling
    """
)
_ADD_FOLDS = text(
    """
    INSERT INTO word_folds (fold, word_id, spelling, variants)
    SELECT fold, word_id, spelling, variants FROM jsonb_to_recordset(CAST(:folds AS jsonb))
        AS f(fold text, word_id integer, spelling text, variants integer[])
    """
)


async def index_families(session: AsyncSession, families: Sequence[Family]) -> None:
    """Write the keys of all persons of some families; what stayed the same is not written.

    Persons who were removed take their keys with them.
    """
    keys = [each for family in families for each in keys_of(family)]
    if not keys:
        return
    numbers = await _numbers(session, {word.spelling: word for each in keys for word in each.words})
    rows = [
        {
            "person_id": each.person_id,
            "family_id": each.family_id,
            "order_key": each.order,
            "words": sorted({numbers[word.spelling] for word in each.words}),
        }
        for each in keys
    ]
    await session.execute(_WRITE_KEYS, {"keys": to_json(rows).decode()})


async def _numbers(session: AsyncSession, words: Mapping[str, Word]) -> dict[str, int]:
    known = await _known(session, words)
    missing = sorted(words.keys() - known.keys())
    if not missing:
        return known
    await session.execute(select(func.pg_advisory_xact_lock(_NEW_WORDS)))
    added = {
        row.spelling: row.id for row in await session.execute(_ADD_WORDS, {"spellings": missing})
    }
    folds = [
        {
            "fold": fold,
            "word_id": number,
            "spelling": spelling,
            "variants": variants(fold) if len(fold) > 2 else [],
        }
        for spelling, number in added.items()
        for fold in sorted(words[spelling].readings)
    ]
    await session.execute(_ADD_FOLDS, {"folds": to_json(folds).decode()})
    # Those that another call added while this one waited for the lock are there by now.
    return {**known, **added, **await _known(session, set(missing) - added.keys())}


async def _known(session: AsyncSession, spellings: Collection[str]) -> dict[str, int]:
    if not spellings:
        return {}
    statement = select(WORDS.c.spelling, WORDS.c.id).where(WORDS.c.spelling.in_(spellings))
    return {row.spelling: row.id for row in await session.execute(statement)}
