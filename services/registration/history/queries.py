"""Reads and writes of families' history."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.families.domain import Family
from services.registration.history.domain import Change, Version
from services.registration.history.tables import FAMILY_VERSIONS, REASON, STATE
from shared.sealing import Sealer, sealer_of

_FAMILY: TypeAdapter[Family] = TypeAdapter(Family)


async def insert_versions(session: AsyncSession, versions: Sequence[Version]) -> None:
    """Write versions; one that is there already stays as it is."""
    sealer = sealer_of(session)
    await session.execute(
        insert(FAMILY_VERSIONS).on_conflict_do_nothing(),
        [_values(sealer, version) for version in versions],
    )


async def find_at(session: AsyncSession, family_id: UUID, at: datetime) -> Version | None:
    """Read the version of a family that held at a moment; None when none was kept by then."""
    statement = (
        select(FAMILY_VERSIONS)
        .where(FAMILY_VERSIONS.c.family_id == family_id, FAMILY_VERSIONS.c.at <= at)
        .order_by(FAMILY_VERSIONS.c.version.desc())
        .limit(1)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _version(sealer_of(session), row)


async def list_versions(
    session: AsyncSession, family_id: UUID, before: int | None, limit: int
) -> list[Version]:
    """Read the versions of a family, the newest first, those below one number."""
    statement = (
        select(FAMILY_VERSIONS)
        .where(FAMILY_VERSIONS.c.family_id == family_id)
        .order_by(FAMILY_VERSIONS.c.version.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(FAMILY_VERSIONS.c.version < before)
    sealer = sealer_of(session)
    return [_version(sealer, row) for row in await session.execute(statement)]


async def rewrite(session: AsyncSession, versions: Iterable[Version]) -> None:
    """Replace what is kept of versions, where the law asks that something be forgotten."""
    sealer = sealer_of(session)
    for version in versions:
        values = _values(sealer, version)
        await session.execute(
            update(FAMILY_VERSIONS)
            .where(
                FAMILY_VERSIONS.c.family_id == version.family.id,
                FAMILY_VERSIONS.c.version == version.family.version,
            )
            .values(
                state_sealed=values["state_sealed"],
                reason_sealed=values["reason_sealed"],
            )
        )


def _values(sealer: Sealer, version: Version) -> dict[str, Any]:
    reason = version.change.reason
    return {
        "family_id": version.family.id,
        "version": version.family.version,
        "at": version.at,
        "kind": version.change.kind,
        "effective_on": version.change.effective_on,
        "actor": version.actor,
        "changed": list(version.changed),
        "state_sealed": sealer.seal(_FAMILY.dump_json(version.family).decode(), STATE),
        "reason_sealed": None if reason is None else sealer.seal(reason, REASON),
    }


def _version(sealer: Sealer, row: Row[Any]) -> Version:
    reason = None if row.reason_sealed is None else sealer.open(row.reason_sealed, REASON)
    return Version(
        family=_FAMILY.validate_json(sealer.open(row.state_sealed, STATE)),
        at=row.at,
        change=Change(row.kind, reason, row.effective_on),
        actor=row.actor,
        changed=tuple(row.changed),
    )
