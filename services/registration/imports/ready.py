"""Good families of a list on their way to the register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.imports.queries import change
from services.registration.imports.staging import open_family, open_row
from services.registration.imports.tables import IMPORTED, IMPORTS, ROWS, STAGED
from shared.sealing import sealer_of


@dataclass(frozen=True, slots=True)
class Ready:
    """A good family, opened to be written."""

    number: int
    first_row: int
    values: Mapping[str, str]
    fingerprints: Sequence[bytes]
    rows: Sequence[int]
    persons: Sequence[dict[str, Any]]


async def next_good(session: AsyncSession, id_: UUID, limit: int, after: int = 0) -> list[Ready]:
    """Read the next families to write, with their persons in the order of the list."""
    statement = (
        select(STAGED)
        .where(STAGED.c.import_id == id_, STAGED.c.state == "good", STAGED.c.number > after)
        .order_by(STAGED.c.number)
        .limit(limit)
    )
    staged = (await session.execute(statement)).all()
    if not staged:
        return []
    sealer = sealer_of(session)
    rows: dict[int, list[Any]] = {each.number: [] for each in staged}
    of_them = select(ROWS).where(ROWS.c.import_id == id_, ROWS.c.family.in_(list(rows)))
    for row in await session.execute(of_them.order_by(ROWS.c.number)):
        rows[row.family].append(row)
    return [
        Ready(
            number=each.number,
            first_row=each.first_row,
            values=open_family(sealer, each.values_sealed),
            fingerprints=list(each.fingerprints),
            rows=[row.number for row in rows[each.number]],
            persons=[open_row(sealer, row.content_sealed)["person"] for row in rows[each.number]],
        )
        for each in staged
    ]


async def keep_fingerprints(
    session: AsyncSession, id_: UUID, written: Sequence[tuple[bytes, UUID]]
) -> None:
    """Keep that rows are on the register.

    Raises:
        sqlalchemy.exc.IntegrityError: one of them came with another list at this very time.
    """
    rows = [
        {"fingerprint": print_, "import_id": id_, "family_id": family}
        for print_, family in sorted(written)  # in one order, so that two never wait in a circle
    ]
    await session.execute(insert(IMPORTED), rows)


async def mark_written(session: AsyncSession, id_: UUID, written: Mapping[int, UUID]) -> None:
    """Say which families the staged ones have become."""
    await session.execute(
        update(STAGED)
        .where(STAGED.c.import_id == id_, STAGED.c.number == bindparam("staged"))
        .values(state="written", family_id=bindparam("family")),
        [{"staged": number, "family": family} for number, family in written.items()],
        execution_options={"synchronize_session": None},
    )


async def add(session: AsyncSession, id_: UUID, **more: int) -> None:
    """Count what came of families that were written."""
    counts = {name: IMPORTS.c[name] + many for name, many in more.items()}
    await change(session, id_, {**counts, "attempts": 0})
