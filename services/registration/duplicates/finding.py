"""Finding who is likely registered already: of families as they are, or as they would be."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.duplicates import queries
from services.registration.duplicates.blocks import asked, name_of, records_of
from services.registration.duplicates.domain import (
    PROMISING,
    Likeness,
    Record,
    compare,
    match_families,
    weigh,
)
from services.registration.families.domain import Family
from shared.sealing import sealer_of

_AT_ONCE = 100
_MOST_FAMILIES = 20
"""Families that one family is compared with whole, the most alike ones."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Who of one family is likely who of another, and all persons that were compared."""

    family_id: UUID
    likenesses: list[Likeness]
    records: dict[UUID, Record]


async def find_alike(session: AsyncSession, families: Sequence[Family]) -> list[list[Alike]]:
    """Find, for each family, the registered ones that share persons with it, itself too.

    One statement reads all who share a block, one more the families that look promising.
    """
    sealer = sealer_of(session)
    mine = [records_of(sealer, family) for family in families]
    everyone = [(place, record) for place, records in enumerate(mine) for record in records]
    if not everyone:
        return [[] for _ in families]
    rows = await queries.find_candidates(
        session, [(record.person_id, asked(record)) for _, record in everyone]
    )
    promising: list[dict[UUID, float]] = [defaultdict(lambda: PROMISING) for _ in families]
    for count, row in enumerate(rows):
        if count % _AT_ONCE == 0:
            await asyncio.sleep(0)  # lets requests through: comparing waits for nothing
        place, record = everyone[row.place]
        weight = weigh(compare(record, _light(row)))
        if row.family_id != families[place].id and weight >= PROMISING:
            best = promising[place]
            best[row.family_id] = max(best[row.family_id], weight)
    chosen = [sorted(each, key=lambda id_: -each[id_])[:_MOST_FAMILIES] for each in promising]
    others = await queries.read_families(session, {id_ for each in chosen for id_ in each})
    found = []
    for records, ids in zip(mine, chosen, strict=True):
        theirs = [records, *(records_of(sealer, others[id_]) for id_ in ids if id_ in others)]
        found.append([alike for each in theirs for alike in _alike(records, each)])
        await asyncio.sleep(0)
    return found


def _alike(mine: list[Record], theirs: list[Record]) -> list[Alike]:
    likenesses = match_families(mine, theirs)
    if not likenesses:
        return []
    records = {record.person_id: record for record in (*mine, *theirs)}
    return [Alike(theirs[0].family_id, likenesses, records)]


def _light(row: Row[*tuple[Any, ...]]) -> Record:
    """Make a record of what is not sealed."""
    return Record(
        person_id=row.id,
        family_id=row.family_id,
        given=name_of(row.given_name),
        family=name_of(row.family_name),
        father=name_of(row.patronymic) if row.patronymic else None,
        born=row.birth_date,
        sex=row.sex,
        district=row.origin_district,
        settlement=name_of(row.origin_settlement).readings,
        phone=row.phone_index,
        fin=None,
    )
