"""The forms of what happens to a family: what was typed, as the bodies that the API checks."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from services.registration.desk.forms import body_of, validated
from services.registration.families.family_form import dated, placed
from services.registration.families.schemas import residence_of
from services.registration.family_changes import handlers
from services.registration.family_changes.domain import (
    Circumstances,
    Leaving,
    Seen,
    Succession,
)
from services.registration.family_changes.schemas import Birth, Death, Move, NewHead, Split


async def record_birth(session: AsyncSession, seen: Seen, form: FormData) -> UUID:
    """Add the child that was typed; gives the family to go on with."""
    typed = body_of(form, ("member", "reason"))
    typed["member"] = dated({"relation": "child", **typed.get("member", {})}, "birth_date")
    body = validated(Birth, typed)
    return (await handlers.record_birth(session, seen, body.member.to_domain(), body.reason)).id


async def record_death(session: AsyncSession, seen: Seen, form: FormData) -> UUID:
    """Let the person that was chosen leave; gives the family to go on with."""
    typed = dated(body_of(form, ("person_id", "died_on", "head_id", "reason")), "died_on")
    body = validated(Death, typed)
    family = await handlers.record_death(
        session,
        seen,
        body.person_id,
        Succession(body.head_id, body.relations),
        Circumstances(body.died_on, body.reason),
    )
    return family.id


async def record_move(session: AsyncSession, seen: Seen, form: FormData) -> UUID:
    """Keep the place that was typed; gives the family to go on with."""
    typed = dated(body_of(form, ("residence", "moved_on", "reason")), "moved_on")
    body = validated(Move, {**typed, "residence": placed(typed.get("residence", {}))})
    family = await handlers.record_move(
        session, seen, residence_of(body.residence), Circumstances(body.moved_on, body.reason)
    )
    return family.id


async def name_head(session: AsyncSession, seen: Seen, form: FormData) -> UUID:
    """Make the person that was chosen the head; gives the family to go on with."""
    body = validated(NewHead, body_of(form, ("person_id", "reason")))
    family = await handlers.name_head(session, seen, body.person_id, body.relations, body.reason)
    return family.id


async def split_family(session: AsyncSession, seen: Seen, form: FormData) -> UUID:
    """Let those that were chosen form a family; gives the new one to go on with."""
    names = ("person_ids", "head_id", "staying_head_id", "split_on", "reason")
    body = validated(Split, dated(body_of(form, names), "split_on"))
    leaving = Leaving(
        person_ids=tuple(body.person_ids),
        head_id=body.head_id,
        staying_head_id=body.staying_head_id,
        residence=None,
        relations=body.relations,
    )
    _, new = await handlers.split_family(
        session, seen, leaving, Circumstances(body.split_on, body.reason)
    )
    return new.id


FORMS: Mapping[str, Callable[[AsyncSession, Seen, FormData], Awaitable[UUID]]] = {
    "birth": record_birth,
    "death": record_death,
    "move": record_move,
    "new_head": name_head,
    "split": split_family,
}
"""What can be recorded, by the name of the change."""


def typed_texts(form: FormData) -> dict[str, Any]:
    """What stood in the form, to show it again; of several ticks all that were set."""
    texts: dict[str, Any] = {key: value for key, value in form.items() if isinstance(value, str)}
    return {**texts, "person_ids[]": form.getlist("person_ids[]")}
