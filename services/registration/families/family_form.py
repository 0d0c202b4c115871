"""The family form: what was typed, as the body that the API's schema checks."""

import re
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData

from services.registration.desk.formats import today
from services.registration.desk.forms import body_of
from services.registration.desk.places import district_code
from services.registration.families.domain import Family, Person

MOST_MEMBERS = 30

_PARTS = ("origin", "residence", "members", "consent")
_DATE = re.compile(r"(\d{1,2})[./ -](\d{1,2})[./ -](\d{4})|(\d{2})(\d{2})(\d{4})")
_TELLING = ("id", "given_name", "birth_date", "fin", "phone", "email")


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: the parts of a family, and a row for each member."""

    origin: dict[str, Any] = field(default_factory=dict)
    residence: dict[str, Any] = field(default_factory=dict)
    consent: dict[str, Any] = field(default_factory=dict)
    members: list[dict[str, Any]] = field(default_factory=list)

    def body(self) -> dict[str, Any]:
        """Make the body of the API: districts by code, dates by ISO 8601, empty rows left out."""
        body: dict[str, Any] = {
            "origin": placed(self.origin),
            "residence": placed(self.residence),
            "members": [dated(member, "birth_date") for member in self.members],
        }
        if self.consent.get("purposes"):
            body["consent"] = dated({"basis": "consent", **self.consent}, "given_on")
        return body


def blank() -> Typed:
    """The form of a new family: one row, for the head."""
    return Typed(consent={"given_on": _day(today())}, members=[{"relation": "head"}])


def typed_of(form: FormData) -> Typed:
    """Read what was typed; rows in which nothing was are left out, but never all."""
    body = body_of(form, _PARTS)
    rows = [row for row in _list(body.get("members")) if isinstance(row, dict)]
    telling = [row for row in rows if any(row.get(name) for name in _TELLING)]
    return Typed(
        origin=_dict(body.get("origin")),
        residence=_dict(body.get("residence")),
        consent=_dict(body.get("consent")),
        members=(telling or rows[:1] or [{"relation": "head"}])[:MOST_MEMBERS],
    )


def with_member(typed: Typed) -> Typed:
    """Add a row; the family's name and the usual relation stand in it already."""
    name = typed.members[-1].get("family_name", "")
    relation = "spouse" if len(typed.members) == 1 else "child"
    new = {"family_name": name, "relation": relation}
    members = [*typed.members, new][:MOST_MEMBERS]
    return Typed(typed.origin, typed.residence, typed.consent, members)


def without_member(typed: Typed, place: str) -> Typed:
    """Take a row away."""
    members = [row for number, row in enumerate(typed.members) if str(number) != place]
    return Typed(typed.origin, typed.residence, typed.consent, members or typed.members)


def typed_from(family: Family) -> Typed:
    """Fill the form with a family as it is."""
    consent = family.consent
    return Typed(
        origin={"district": family.origin.district, "settlement": family.origin.settlement},
        residence={
            "district": family.residence.district,
            "settlement": family.residence.settlement,
            "address": family.residence.address or "",
        },
        consent={
            "basis": consent.basis,
            "purposes": list(consent.purposes),
            "given_by": consent.given_by,
            "given_on": _day(consent.given_on),
        }
        if consent
        else {"given_on": _day(today())},
        members=[_row(person) for person in family.persons],
    )


def _row(person: Person) -> dict[str, Any]:
    member = person.member
    row = {name: getattr(member, name) or "" for name in member.__slots__}
    return {**row, "id": str(person.id), "birth_date": _day(member.birth_date)}


def _day(value: Any) -> str:
    return f"{value:%d.%m.%Y}"


def placed(part: dict[str, Any]) -> dict[str, Any]:
    """Turn the name of a district that was typed into its code."""
    made = dict(part)
    if isinstance(made.get("district"), str):
        made["district"] = district_code(made["district"]) or made["district"]
    return made


def dated(part: dict[str, Any], name: str) -> dict[str, Any]:
    """Turn a date as people type it (31.12.1980) into ISO 8601."""
    made = deepcopy(part)
    typed = made.get(name)
    found = _DATE.fullmatch(typed.strip()) if isinstance(typed, str) else None
    if found:
        day, month, year = (part for part in found.groups() if part is not None)
        made[name] = f"{year}-{int(month):02}-{int(day):02}"
    return made


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
