"""Finding families: by any spelling of a member's name, by FIN or by phone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.families.name_keys import words_of
from services.registration.families.tables import FAMILIES, PERSONS

FEWEST_DIGITS = 4
"""Digits that are looked for among phones; fewer would find everybody."""

_WORDS = 10
_FIN_PREFIX = re.compile(r"(?=.*[0-9])[0-9A-HJ-NP-Z]{3,7}")


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
    statement = select(FAMILIES).order_by(FAMILIES.c.id.desc()).limit(limit)
    if wanted.text:
        found = select(PERSONS.c.family_id).where(_matches(wanted.text))
        statement = statement.where(FAMILIES.c.id.in_(found))
    if wanted.origin:
        statement = statement.where(FAMILIES.c.origin_district == wanted.origin)
    if wanted.residence:
        statement = statement.where(FAMILIES.c.residence_district == wanted.residence)
    if before:
        statement = statement.where(FAMILIES.c.id < before)
    return (await session.execute(statement)).all()


def _matches(text: str) -> ColumnElement[bool]:
    return or_(false(), *_by_name(text), *_by_fin(text), *_by_phone(text))


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


def _by_fin(text: str) -> list[ColumnElement[bool]]:
    typed = text.strip()
    if not typed.isascii() or not _FIN_PREFIX.fullmatch(typed.upper()):
        return []
    return [PERSONS.c.fin.startswith(typed.upper(), autoescape=True)]


def _by_phone(text: str) -> list[ColumnElement[bool]]:
    if not re.fullmatch(r"[0-9+() -]+", text.strip()):
        return []
    # Without the trunk 0, or the country code, a number is found however it was dialled.
    digits = re.sub(r"[^0-9]", "", text)
    digits = re.sub(r"^(00994|994|0)", "", digits)
    if len(digits) < FEWEST_DIGITS:
        return []
    return [PERSONS.c.phone.contains(digits, autoescape=True)]
