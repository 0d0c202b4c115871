"""The versions of a family: what changed it, when, by whom and why."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from services.registration.families.domain import Family

Kind = Literal[
    "registered",
    "corrected",
    "birth",
    "death",
    "move",
    "new_head",
    "split",
    "split_off",
    "join",
    "joined",
    "merge",
    "merged",
    "unmerge",
    "erased",
]


@dataclass(frozen=True, slots=True)
class Change:
    """What kind of change it is, why, and on which day it took place in life."""

    kind: Kind
    reason: str | None = None
    effective_on: date | None = None


REGISTERED = Change("registered")
CORRECTED = Change("corrected")


@dataclass(frozen=True, slots=True)
class Version:
    """A family as it was from a moment on; `changed` names the fields, never what was in them."""

    family: Family
    at: datetime
    change: Change
    actor: str
    changed: tuple[str, ...]


def changed_fields(before: Family | None, after: Family) -> tuple[str, ...]:
    """Name the fields in which two versions differ: `residence.address`, `members.<id>.phone`.

    A person who came or went is named as `members.<id>`.
    """
    if before is None:
        return ()
    named: list[str] = []
    for part in ("origin", "residence", "consent"):
        named += _differences(part, _fields(getattr(before, part)), _fields(getattr(after, part)))
    was = {person.id: person.member for person in before.persons}
    is_now = {person.id: person.member for person in after.persons}
    for id_ in sorted(was.keys() | is_now.keys()):
        place = f"members.{id_}"
        if id_ not in was or id_ not in is_now:
            named.append(place)
            continue
        named += _differences(place, _fields(was[id_]), _fields(is_now[id_]))
    return tuple(named)


def _fields(part: Any) -> dict[str, Any]:
    return {} if part is None else asdict(part)


def _differences(place: str, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    if not before or not after:
        return [place] if before != after else []
    return [f"{place}.{name}" for name in before if before[name] != after[name]]


def mentions(family: Family, person_ids: frozenset[UUID]) -> bool:
    """Tell whether any of these persons belongs to a family."""
    return any(person.id in person_ids for person in family.persons)
