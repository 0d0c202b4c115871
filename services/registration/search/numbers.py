"""Who is meant by a FIN, a phone or a ticket."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.enrolments.domain import read_ticket
from services.registration.enrolments.tables import ENROLMENTS
from services.registration.families.sealed import (
    fin_index,
    phone_index,
    tail_index,
)
from services.registration.families.tables import PERSONS, PHONE
from services.registration.search.domain import Match
from services.registration.search.terms import Typed, full_number, last_digits
from services.registration.tickets.domain import TicketError, is_signed
from services.registration.tickets.keys import ticket_keys_of
from shared.sealing import sealer_of

_MOST = 500
"""Persons whose phone ends in the same digits that are looked at."""


async def met_by_number(session: AsyncSession, typed: Typed) -> Mapping[UUID, Sequence[Match]]:
    """Find who has one of the typed numbers; FINs and phones by their keyed indexes."""
    met: dict[UUID, list[Match]] = defaultdict(list)
    for fin in typed.fins:
        for person_id in await _by_fin(session, fin):
            met[person_id].append(Match(fin, "fin"))
    for phone in typed.phones:
        for person_id in await _by_phone(session, phone):
            met[person_id].append(Match(phone, "phone"))
    for ticket in typed.tickets:
        for person_id in await _by_ticket(session, ticket):
            met[person_id].append(Match(ticket, "ticket"))
    return met


async def _by_fin(session: AsyncSession, fin: str) -> Sequence[UUID]:
    return await _persons(session, PERSONS.c.fin_index == fin_index(sealer_of(session), fin))


async def _by_phone(session: AsyncSession, dialled: str) -> Sequence[UUID]:
    sealer, phone = sealer_of(session), full_number(dialled)
    if phone is not None:
        return await _persons(session, PERSONS.c.phone_index == phone_index(sealer, phone))
    digits = last_digits(dialled)
    rows = await session.execute(
        select(PERSONS.c.id, PERSONS.c.phone_sealed)
        .where(PERSONS.c.phone_tail_index == tail_index(sealer, digits))
        .limit(_MOST)
    )
    return [row.id for row in rows if sealer.open(row.phone_sealed, PHONE).endswith(digits)]


async def _by_ticket(session: AsyncSession, typed: str) -> Sequence[UUID]:
    enrolment = ENROLMENTS.c.ticket == read_ticket(typed)
    if is_signed(typed.upper()):
        try:
            enrolment = ENROLMENTS.c.id == ticket_keys_of(session).read(typed.upper()).enrolment_id
        except TicketError:
            return []
    return await session.scalar(select(ENROLMENTS.c.person_ids).where(enrolment)) or []


async def _persons(session: AsyncSession, condition: ColumnElement[bool]) -> Sequence[UUID]:
    return (await session.scalars(select(PERSONS.c.id).where(condition).limit(_MOST))).all()
