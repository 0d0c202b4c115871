"""Which families are meant by what was typed."""

from collections.abc import Collection, Sequence

from sqlalchemy import ARRAY, ColumnElement, Integer, false, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.families.tables import FAMILIES, PERSONS
from services.registration.search import queries
from services.registration.search.numbers import met_by_number
from services.registration.search.resolving import by_likeness, by_spelling
from services.registration.search.tables import PERSON_KEYS
from services.registration.search.terms import read

_FEW = 2_000
"""Families that are named one by one; of more, each family is looked at, the newest first."""


async def families_meant(session: AsyncSession, text: str) -> ColumnElement[bool]:
    """Make the condition of families with a member who meets all that was typed.

    Words are met in any spelling or by their beginning; one that nobody has, by a typing slip.
    """
    typed = read(text)
    met = await met_by_number(session, typed)
    by_number = {matches[0].term for matches in met.values()}
    words = typed.without(*by_number).words
    if not words:
        return FAMILIES.c.id.in_(select(PERSONS.c.family_id).where(PERSONS.c.id.in_(list(met))))
    terms = await by_likeness(session, words, await by_spelling(session, words))
    sets: list[Collection[int]] = [
        term.only("exact", "spelling", "beginning") or term.words.keys() for term in terms
    ]
    if not all(sets):
        return false()
    families = await queries.families_with(session, sets, _FEW)
    narrowed = _with_all(sets) if families is None else FAMILIES.c.id.in_(families)
    if met:
        return narrowed & FAMILIES.c.id.in_(
            select(PERSONS.c.family_id).where(PERSONS.c.id.in_(list(met)))
        )
    return narrowed


def _with_all(sets: Sequence[Collection[int]]) -> ColumnElement[bool]:
    meets = (PERSON_KEYS.c.words.overlap(literal(sorted(each), ARRAY(Integer))) for each in sets)
    # With an offset it stays a question asked of one family after the other.
    some = select(PERSON_KEYS.c.person_id).where(PERSON_KEYS.c.family_id == FAMILIES.c.id, *meets)
    return some.offset(0).exists()
