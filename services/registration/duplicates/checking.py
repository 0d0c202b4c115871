"""Looking before saving: what a family would meet on the register."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.duplicates import handlers, queries
from services.registration.duplicates.domain import Likeness
from services.registration.duplicates.finding import Alike
from services.registration.duplicates.schemas import (
    FamilyCheck,
    LikelyTheSame,
    Reason,
    Registered,
)
from services.registration.families.domain import Family, Member, Origin, Person, Residence
from services.registration.families.queries import registered_fins
from services.registration.families.reach import reached
from shared.ids import new_id

_MOST = 50


async def check(
    session: AsyncSession,
    family_id: UUID | None,
    origin: Origin,
    residence: Residence,
    members: Sequence[Member],
) -> FamilyCheck:
    """Tell whose FIN is registered already, and who of the register looks the same; write nothing.

    `family_id` is left out of what it is compared with.
    """
    family = Family(
        id=family_id or new_id(),
        version=1,
        created_at=datetime.now(UTC),
        origin=origin,
        residence=residence,
        consent=None,
        persons=tuple(Person(new_id(), 1, member) for member in members),
    )
    taken = await registered_fins(session, [family])
    known = await reached(session, set(taken.values()))
    [alike] = await handlers.check(session, [family])
    others = [each for each in alike if each.family_id != family.id]
    return FamilyCheck(
        registered=[
            Registered(
                field=f"members.{place}.fin", existing_family_id=there if there in known else None
            )
            for place, member in enumerate(members)
            if member.fin and (there := taken.get(member.fin))
        ],
        alike=await _named(session, family, others),
    )


async def _named(
    session: AsyncSession, family: Family, alike: Sequence[Alike]
) -> list[LikelyTheSame]:
    place_of = {person.id: place for place, person in enumerate(family.persons)}
    met = [
        (place_of[mine], theirs, each.family_id, likeness)
        for each in alike
        for likeness in each.likenesses
        for mine, theirs in [_sides(likeness, place_of)]
    ]
    met.sort(key=lambda each: (-each[3].score, each[0], each[1]))
    rows = await queries.names_of(session, [theirs for _, theirs, _, _ in met[:_MOST]])
    named = {row.id: row for row in rows}
    return [
        LikelyTheSame(
            member=place,
            family_id=family_id,
            person_id=theirs,
            score=likeness.score,
            reasons=[Reason(code=r.code, weight=r.weight) for r in likeness.reasons],
            **{name: getattr(named[theirs], name) for name in _SHOWN},
        )
        for place, theirs, family_id, likeness in met[:_MOST]
        if theirs in named
    ]


_SHOWN = (
    "given_name", "family_name", "patronymic", "birth_date", "origin_district", "origin_settlement"
)  # fmt: skip


def _sides(likeness: Likeness, mine: dict[UUID, int]) -> tuple[UUID, UUID]:
    if likeness.one in mine:
        return likeness.one, likeness.other
    return likeness.other, likeness.one
