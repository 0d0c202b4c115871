"""Reads and writes of duplicates."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import ColumnElement, Row, delete, func, insert, or_, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.duplicates.cases import Case, Finding
from services.registration.duplicates.domain import State
from services.registration.duplicates.tables import CASES, COMPARISONS
from services.registration.families import reach
from services.registration.families.domain import Family
from services.registration.families.queries import with_persons
from services.registration.families.tables import FAMILIES, PERSONS

Rows = Sequence[Row[*tuple[Any, ...]]]

_ONE_AT_A_TIME = 0x64757065
"""The advisory lock of whoever compares: each sees what all before it have found."""

MOST = 100
"""Persons of one search that are compared, and that one block gives to it."""

_WRITE_BLOCKS = text(
    """
    INSERT INTO person_blocks (person_id, blocks)
    SELECT person_id, blocks FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS b(person_id uuid, blocks integer[])
    ON CONFLICT (person_id) DO UPDATE SET blocks = excluded.blocks
    WHERE person_blocks.blocks IS DISTINCT FROM excluded.blocks
    """
)
CANDIDATES = text(
    """
    SELECT a.place, p.id, p.family_id, p.given_name, p.family_name, p.patronymic, p.birth_date,
        p.sex, p.phone_index, f.origin_district, f.origin_settlement
    FROM jsonb_to_recordset(CAST(:asked AS jsonb))
        AS a(place integer, person_id uuid, blocks integer[])
    CROSS JOIN LATERAL (
        SELECT person_id FROM (
            SELECT there.person_id, 1.0 / count(*) OVER (PARTITION BY block) AS tells
            FROM unnest(a.blocks) AS block CROSS JOIN LATERAL (
                SELECT person_id FROM person_blocks b
                WHERE b.blocks @> ARRAY[block] AND b.person_id <> a.person_id LIMIT :most
            ) there
        ) shared
        GROUP BY person_id ORDER BY sum(tells) DESC, person_id LIMIT :most
    ) found
    JOIN persons p ON p.id = found.person_id JOIN families f ON f.id = p.family_id
    """
)


async def take_comparisons(session: AsyncSession, most: int) -> list[UUID]:
    """Take families that are to be compared, and hold them; the oldest first.

    Waits for whoever compares now. A family that is being written now waits for its turn.
    """
    oldest = (
        await session.execute(
            select(COMPARISONS.c.entry, COMPARISONS.c.family_id)
            .order_by(COMPARISONS.c.entry)
            .limit(most)
        )
    ).all()
    if not oldest:
        return []
    await session.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    wanted = {row.family_id for row in oldest}
    there = set(await session.scalars(select(FAMILIES.c.id).where(FAMILIES.c.id.in_(wanted))))
    held = set(
        await session.scalars(
            select(FAMILIES.c.id)
            .where(FAMILIES.c.id.in_(there))
            .order_by(FAMILIES.c.id)
            .with_for_update(key_share=True, skip_locked=True)
        )
    )
    done = [row.entry for row in oldest if row.family_id in held or row.family_id not in there]
    await session.execute(delete(COMPARISONS).where(COMPARISONS.c.entry.in_(done)))
    return sorted(held)


async def count_comparisons(session: AsyncSession, most: int) -> int:
    """Count families that wait to be compared, at most so many."""
    some = select(COMPARISONS.c.entry).limit(most).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def read_families(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Family]:
    """Read families by id; those that are not there are left out."""
    rows = (await session.execute(select(FAMILIES).where(FAMILIES.c.id.in_(ids)))).all()
    return {family.id: family for family in await with_persons(session, rows)}


async def write_blocks(session: AsyncSession, blocks: Mapping[UUID, Sequence[int]]) -> None:
    """Keep in which blocks persons are; what stayed the same is not written."""
    rows = [{"person_id": id_, "blocks": numbers} for id_, numbers in blocks.items()]
    await session.execute(_WRITE_BLOCKS, {"rows": to_json(rows).decode()})


async def find_candidates(
    session: AsyncSession, asked: Sequence[tuple[UUID, Sequence[int]]]
) -> Rows:
    """Read who shares blocks with each person asked for, by its place; opens no seal.

    Each block gives some, and the fewer are in it, the more it tells: a crowd of one birthday or of
    one village's namesakes hides nobody who shares more.
    """
    rows = [
        {"place": place, "person_id": id_, "blocks": blocks}
        for place, (id_, blocks) in enumerate(asked)
    ]
    values = {"asked": to_json(rows).decode(), "most": MOST}
    return (await session.execute(CANDIDATES, values)).all()


async def cases_of(session: AsyncSession, family_ids: Collection[UUID]) -> list[Case]:
    """Read and hold all cases about some families."""
    statement = (
        select(CASES)
        .where(or_(CASES.c.family_a.in_(family_ids), CASES.c.family_b.in_(family_ids)))
        .order_by(CASES.c.id)
        .with_for_update()
    )
    return [_case(row) for row in await session.execute(statement)]


async def insert_case(session: AsyncSession, id_: UUID, finding: Finding) -> None:
    """Open a case."""
    values = {"id": id_, "state": "open", "version": 1, **_found(finding)}
    await session.execute(insert(CASES).values(values))


async def reopen_case(session: AsyncSession, case: Case, finding: Finding) -> None:
    """Bring a case up to date, and open it where it was closed."""
    values: dict[str, Any] = {"state": "open", "version": case.version + 1, **_found(finding)}
    if case.state != "open":
        nobody = ("claimed_by", "claimed_at", "decided_by", "decided_at", "reason")
        values |= {"opened_at": func.now(), **dict.fromkeys(nobody)}
    await session.execute(update(CASES).where(CASES.c.id == case.id).values(values))


async def lapse_cases(session: AsyncSession, ids: Collection[UUID]) -> None:
    """Close cases in which nothing is alike any more."""
    await session.execute(
        update(CASES)
        .where(CASES.c.id.in_(ids))
        .values(state="lapsed", version=CASES.c.version + 1, decided_at=func.now())
    )


async def find_case(session: AsyncSession, case_id: UUID, *, lock: bool = False) -> Case | None:
    """Read a case, and hold it until the transaction ends if asked to."""
    statement = select(CASES).where(CASES.c.id == case_id, *_within())
    row = (await session.execute(statement.with_for_update() if lock else statement)).one_or_none()
    return None if row is None else _case(row)


async def list_cases(
    session: AsyncSession,
    state: State,
    family_id: UUID | None,
    after: tuple[float, UUID] | None,
    limit: int,
) -> list[Case]:
    """Read cases within reach, of one family or of all, the likeliest first."""
    statement = select(CASES).where(CASES.c.state == state, *_within())
    if family_id is not None:
        statement = statement.where(
            or_(CASES.c.family_a == family_id, CASES.c.family_b == family_id)
        )
    if after:
        statement = statement.where(tuple_(CASES.c.score, CASES.c.id) < after)
    statement = statement.order_by(CASES.c.score.desc(), CASES.c.id.desc()).limit(limit)
    return [_case(row) for row in await session.execute(statement)]


async def claim_case(
    session: AsyncSession, case_id: UUID, by: str | None, at: datetime | None
) -> None:
    """Note who looks at a case now; None for nobody."""
    await session.execute(
        update(CASES).where(CASES.c.id == case_id).values(claimed_by=by, claimed_at=at)
    )


async def close_case(session: AsyncSession, case: Case, state: State, by: str, reason: str) -> None:
    """Note what was decided, by whom and why."""
    await session.execute(
        update(CASES)
        .where(CASES.c.id == case.id)
        .values(
            state=state,
            version=case.version + 1,
            decided_by=by,
            decided_at=func.now(),
            reason=reason,
        )
    )


async def names_of(session: AsyncSession, person_ids: Collection[UUID]) -> Rows:
    """Read the names of some persons and where their families are from."""
    statement = (
        select(
            *(PERSONS.c[name] for name in ("id", "given_name", "family_name", "patronymic")),
            PERSONS.c.birth_date,
            FAMILIES.c.origin_district,
            FAMILIES.c.origin_settlement,
        )
        .join(FAMILIES, FAMILIES.c.id == PERSONS.c.family_id)
        .where(PERSONS.c.id.in_(person_ids), reach.within())
    )
    return (await session.execute(statement)).all()


def _within() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Both families are within reach: whoever sees a case sees both records."""
    return reach.family_within(CASES.c.family_a), reach.family_within(CASES.c.family_b)


def _found(finding: Finding) -> dict[str, Any]:
    return {
        "family_a": finding.family_a,
        "family_b": finding.family_b,
        "score": finding.score,
        "pairs": finding.pairs,
        "fingerprint": finding.fingerprint,
    }


def _case(row: Row[*tuple[Any, ...]]) -> Case:
    return Case(**row._mapping)
