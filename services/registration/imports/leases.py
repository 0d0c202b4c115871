"""Leases: which process works on an import, so that no two ever do at once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.imports.domain import OVER, Import, State
from services.registration.imports.queries import change, import_of
from services.registration.imports.tables import FAULTS, IMPORTS, PIECES, ROWS, STAGED
from shared.sealing import sealer_of


class LeaseLostError(Exception):
    """Somebody else works on the import now, or it was paused, changed or cancelled."""


async def claim(
    session: AsyncSession, states: Sequence[State], owner: UUID, lease: timedelta, attempts: int
) -> Import | None:
    """Take the oldest import in one of these states that nobody works on.

    One at which process after process died is parked until a person resumes it.
    """
    free = or_(IMPORTS.c.lease_until.is_(None), IMPORTS.c.lease_until < func.now())
    statement = (
        select(IMPORTS)
        .where(IMPORTS.c.state.in_(states), free)
        .order_by(IMPORTS.c.attempts, IMPORTS.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    if row.attempts >= attempts:
        failure = row.failure or "the process that worked on it died, again and again"
        await change(session, row.id, {"state": "failed", "failure": failure})
        return None
    await session.execute(
        update(IMPORTS)
        .where(IMPORTS.c.id == row.id)
        .values(
            lease_owner=owner,
            lease_until=func.now() + lease,
            attempts=IMPORTS.c.attempts + 1,
            state="checking" if row.state == "waiting" else row.state,
        )
    )
    return import_of(sealer_of(session), row)


async def hold(
    session: AsyncSession, id_: UUID, owner: UUID, state: State, lease: timedelta
) -> None:
    """Hold the import for this transaction and renew the lease: nobody else can write meanwhile.

    Raises:
        LeaseLostError: it is not ours any more, or in another state.
    """
    statement = (
        update(IMPORTS)
        .where(IMPORTS.c.id == id_, IMPORTS.c.lease_owner == owner, IMPORTS.c.state == state)
        .values(lease_until=func.now() + lease)
        .returning(IMPORTS.c.id)
    )
    if (await session.execute(statement)).one_or_none() is None:
        raise LeaseLostError


async def end(session: AsyncSession, id_: UUID, state: State, values: Mapping[str, Any]) -> None:
    """Let go of an import in the state it has come to."""
    await change(
        session,
        id_,
        {"state": state, "lease_owner": None, "lease_until": None, "attempts": 0, **values},
    )


async def let_go(
    session: AsyncSession, id_: UUID, owner: UUID, failure: str, attempts: int
) -> None:
    """Note why a try failed; after so many the import is parked until a person resumes it."""
    row = (
        await session.execute(
            select(IMPORTS)
            .where(IMPORTS.c.id == id_, IMPORTS.c.lease_owner == owner)
            .with_for_update()
        )
    ).one_or_none()
    if row is None:
        return
    over = {"state": "failed"} if row.attempts >= attempts else {}
    wait = func.now() + timedelta(seconds=min(2**row.attempts, 60))
    await change(
        session, id_, {"failure": failure, "lease_owner": None, "lease_until": wait, **over}
    )


async def forget(session: AsyncSession, quiet: timedelta, keep: timedelta) -> None:
    """Delete uploads that broke off, and the file and rows of what was over long ago.

    What stays of an import is who did it, when, and its counts.
    """
    await session.execute(
        delete(IMPORTS).where(
            IMPORTS.c.state == "uploading", IMPORTS.c.updated_at < func.now() - quiet
        )
    )
    over = select(IMPORTS.c.id).where(
        IMPORTS.c.state.in_(sorted(OVER)), IMPORTS.c.updated_at < func.now() - keep
    )
    for table in (PIECES, FAULTS, ROWS, STAGED):
        await session.execute(delete(table).where(table.c.import_id.in_(over)))
