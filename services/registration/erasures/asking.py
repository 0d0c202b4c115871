"""What an erasure takes: told before it is asked for, and done by the same rule."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.erasures import traces
from services.registration.erasures.domain import Asked, emptied
from services.registration.families.domain import Family, Person
from services.registration.family_changes.domain import (
    FamilyChangeError,
    Succession,
    without_person,
)
from shared.problems import invalid, not_found


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Who is erased, members and who left before, and the family as it is afterwards.

    `whole` when nobody of the family stays.
    """

    members: Sequence[Person]
    gone: Sequence[Person]
    whole: bool
    family: Family

    @property
    def persons(self) -> list[Person]:
        """Everybody who is erased."""
        return [*self.members, *self.gone]


async def who_left(session: AsyncSession, family: Family) -> list[Person]:
    """Read who left a family and is registered nowhere since: erased with it, or alone."""
    return await traces.departed(session, family.id)


def foresee(family: Family, left: Sequence[Person], asked: Asked) -> Foreseen:
    """Tell what is erased; the last member of a family takes all who left it along.

    Raises:
        Problem: 404, nobody such; 422, a head is missing.
    """
    members = [each for each in family.persons if asked.person_id in {None, each.id}]
    whole = asked.person_id is None or 0 < len(members) == len(family.persons)
    gone = [each for each in left if whole or each.id == asked.person_id]
    if not (members or gone):
        raise not_found("person" if asked.person_id else "family")
    return Foreseen(members, gone, whole, _after(family, members, asked, whole=whole))


def _after(family: Family, members: Sequence[Person], asked: Asked, *, whole: bool) -> Family:
    if not members:
        return family
    if whole or asked.person_id is None:
        return emptied(family)
    try:
        return without_person(family, asked.person_id, Succession(asked.head_id, {}))
    except FamilyChangeError as wrong:
        raise invalid(wrong.field, wrong.message) from None
