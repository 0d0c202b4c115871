"""Finding families: by any spelling of a member's name, by FIN or by phone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.families.fields import international
from services.registration.families.name_keys import words_of
from services.registration.families.sealed import (
    TAIL_DIGITS,
    fin_index,
    phone_index,
    tail_index,
)
from services.registration.families.tables import FAMILIES, PERSONS
from shared.sealing import Sealer, sealer_of

_WORDS = 10
_FIN = re.compile(r"[0-9A-HJ-NP-Z]{7}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of families is narrowed to; None is not asked for."""

    text: str | None
    origin: str | None
    residence: str | None


async def list_families(
    session: AsyncSession, wanted: Wanted, before: UUID | None, limit: int
) -> Sequence[Row[Any]]:
    """Read rows of families, the newest first, those that were made before one of them."""
    statement = (
        select(FAMILIES)
        .where(FAMILIES.c.successor_id.is_(None))
        .order_by(FAMILIES.c.id.desc())
        .limit(limit)
    )
    if wanted.text:
        found = select(PERSONS.c.family_id).where(_matches(sealer_of(session), wanted.text))
        statement = statement.where(FAMILIES.c.id.in_(found))
    if wanted.origin:
        statement = statement.where(FAMILIES.c.origin_district == wanted.origin)
    if wanted.residence:
        statement = statement.where(FAMILIES.c.residence_district == wanted.residence)
    if before:
        statement = statement.where(FAMILIES.c.id < before)
    return (await session.execute(statement)).all()


def _matches(sealer: Sealer, text: str) -> ColumnElement[bool]:
    typed = text.strip()
    return or_(false(), *_by_name(text), *_by_fin(sealer, typed), *_by_phone(sealer, typed))


def _by_name(text: str) -> list[ColumnElement[bool]]:
    words = words_of(text)[:_WORDS]
    if not words:
        return []
    key = PERSONS.c.name_key
    return [
        and_(
            *(
                or_(*(key.contains(reading, autoescape=True) for reading in sorted(readings)))
                for readings in words
            )
        )
    ]


def _by_fin(sealer: Sealer, typed: str) -> list[ColumnElement[bool]]:
    if not typed.isascii() or not _FIN.fullmatch(typed.upper()):
        return []
    return [PERSONS.c.fin_index == fin_index(sealer, typed.upper())]


def _by_phone(sealer: Sealer, typed: str) -> list[ColumnElement[bool]]:
    if re.fullmatch(rf"[0-9]{{{TAIL_DIGITS}}}", typed):
        return [PERSONS.c.phone_tail_index == tail_index(sealer, typed)]
    try:
        phone = international(f"+{typed}" if typed.startswith("994") else typed)
    except ValueError:
        return []
    return [PERSONS.c.phone_index == phone_index(sealer, phone)]
