"""Rows and families of a list, each checked by the very rules of the desk."""

import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.registration.families.fields import PastDate
from services.registration.families.schemas import Member
from services.registration.imports import cells as reading
from services.registration.imports.cells import Cell, text_of
from services.registration.imports.columns import FAMILY_FIELDS, NEEDED, PERSON_FIELDS
from services.registration.imports.domain import Fault, Limits

MOST_MEMBERS = 30
_LINE = 200

Faults = list[tuple[str, Fault]]

_READERS: Mapping[str, Callable[[str], str | Fault]] = {
    "sex": reading.sex,
    "birth_date": reading.birth_date,
    "fin": reading.fin,
    "phone": reading.phone,
    "language": reading.language,
    "relation": reading.relation,
    "origin_district": reading.district,
    "residence_district": reading.district,
    "consent": reading.answer,
    "consent_on": reading.birth_date,
}
_STAND_INS = {
    "given_name": "x", "family_name": "x", "sex": "male", "birth_date": "2000-01-01",
    "relation": "head",
}  # fmt: skip
_PAST_DATE: TypeAdapter[Any] = TypeAdapter(PastDate)


@dataclass(slots=True)
class CheckedRow:
    """One row: its family by number, its cells as text, the person, and what is wrong."""

    number: int
    family: int
    cells: list[str]
    person: dict[str, Any] | None
    faults: Faults


@dataclass(slots=True)
class CheckedFamily:
    """One family after its last row; good only when none of its rows is wrong."""

    number: int
    first_row: int
    good: bool = True
    rows: list[int] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    digests: list[str] = field(default_factory=list)
    faults: list[tuple[int, str, Fault]] = field(default_factory=list)


@dataclass(slots=True)
class _Seen(CheckedFamily):
    said_in: dict[str, int] = field(default_factory=dict)
    head: int | None = None


class Checker:
    """Checks rows in their order; what only the whole list shows is told by `families`."""

    def __init__(
        self,
        headers: Sequence[str],
        mapping: Mapping[str, str],
        constants: Mapping[str, str],
        limits: Limits,
    ) -> None:
        places = {header: place for place, header in enumerate(headers) if header}
        self._places = {name: places[header] for name, header in mapping.items()}
        self._constants = constants
        self._headers = len(headers)
        self._limits = limits
        self._families: dict[str, _Seen] = {}
        self._fins: dict[str, int] = {}

    def row(self, number: int, cells: Sequence[Cell]) -> CheckedRow:
        """Check one row by itself and against those before it."""
        texts = [text_of(cell) for cell in cells]
        faults: Faults = []
        if any(texts[self._headers :]):
            about = {"cells": len(texts), "headers": self._headers}
            faults.append(
                ("", Fault("has %(cells)s cells, but there are %(headers)s headers", about))
            )
        values = self._values(texts, faults)
        key = values.pop("family_key", "") or f"\0{number}"
        family = self._families.setdefault(key, _Seen(len(self._families) + 1, number))
        family.rows.append(number)
        person = _person({name: values.get(name, "") for name in PERSON_FIELDS}, faults)
        self._meet(family, number, values, person, faults)
        family.good = family.good and not faults
        family.digests.append(_digest(person))
        return CheckedRow(number, family.number, texts[: self._headers], person, faults)

    def families(self) -> Iterator[CheckedFamily]:
        """Give each family, in the order of their first rows, after the last row."""
        told: dict[str, int] = {}
        for family in self._families.values():
            self._settle(family)
            place = (
                f"{family.values.get('origin_district')}/{family.values.get('origin_settlement')}"
            )
            family.digests = [_sha(f"{digest}{place}") for digest in family.digests]
            for number, digest in zip(family.rows, family.digests, strict=True):
                if (first := told.setdefault(digest, number)) != number and family.good:
                    same = Fault("says the same as row %(row)s", {"row": first})
                    family.faults.append((number, "", same))
            family.good = family.good and not family.faults
            yield family

    def _values(self, texts: Sequence[str], faults: Faults) -> dict[str, str]:
        """Read the cells of the mapped fields; what cannot be read is left empty."""
        values: dict[str, str] = {}
        wrong: set[str] = set()
        for name in [
            *self._places,
            *(each for each in self._constants if each not in self._places),
        ]:
            place = self._places.get(name)
            text = texts[place] if place is not None and place < len(texts) else ""
            found = self._read(name, text or self._constants.get(name, ""))
            if isinstance(found, Fault):
                faults.append((name, found))
                wrong.add(name)
            else:
                values[name] = found
        if full := values.pop("full_name", ""):
            _split(full, values)
        faults.extend(
            (name, Fault("must not be empty"))
            for name in NEEDED
            if name not in FAMILY_FIELDS and name not in wrong and not values.get(name)
            and not ("full_name" in wrong and name in {"given_name", "family_name"})
        )  # fmt: skip
        return values

    def _read(self, name: str, text: str) -> str | Fault:
        if not text:
            return ""
        if len(text) > min(_LINE, self._limits.cell):
            return Fault("must be at most %(limit)s characters", {"limit": _LINE})
        if any(unicodedata.category(letter) == "Cc" for letter in text):
            return Fault("must not contain control characters")
        read = _READERS.get(name)
        return read(text) if read else text

    def _meet(
        self,
        family: _Seen,
        number: int,
        values: Mapping[str, str],
        person: Mapping[str, Any] | None,
        faults: Faults,
    ) -> None:
        for name in FAMILY_FIELDS:
            if not (value := values.get(name)):
                continue
            if family.values.setdefault(name, value) != value:
                about = {"row": family.said_in[name]}
                faults.append((name, Fault("differs from row %(row)s of the same family", about)))
            family.said_in.setdefault(name, number)
        if len(family.rows) == MOST_MEMBERS + 1:
            faults.append(
                ("family_key", Fault("is of more than %(most)s people", {"most": MOST_MEMBERS}))
            )
        if values.get("relation") == "head":
            if family.head is not None:
                about = {"row": family.head}
                faults.append(("relation", Fault("the family has a head in row %(row)s", about)))
            family.head = family.head or number
        fin = person["fin"] if person else None
        if fin and (first := self._fins.setdefault(fin, number)) != number:
            faults.append(("fin", Fault("is the FIN of row %(row)s too", {"row": first})))

    def _settle(self, family: _Seen) -> None:
        def note(name: str, message: str) -> None:
            family.faults.append((family.first_row, name, Fault(message)))

        if family.head is None and family.good:
            note("relation", "the family has no head")
        empty = [name for name in NEEDED if name in FAMILY_FIELDS and not family.values.get(name)]
        for name in empty if family.good else []:
            note(name, "must not be empty in all rows of a family")
        if family.values.get("consent") == "yes":
            if not (given := family.values.get("consent_on")):
                note("consent_on", "must be there where there is consent")
            elif (fault := _past(given)) is not None:
                family.faults.append((family.said_in["consent_on"], "consent_on", fault))


def _person(values: dict[str, str], faults: Faults) -> dict[str, Any] | None:
    """Check a person as the desk does; a field that is wrong already is not told twice."""
    told = {name for name, _ in faults}
    typed = {name: value for name, value in values.items() if value}
    for name, stand_in in _STAND_INS.items():
        typed.setdefault(name, stand_in)
    try:
        person = Member.model_validate(typed).model_dump(mode="json")
    except ValidationError as failure:
        for error in failure.errors(include_url=False):
            name = str(error["loc"][0])
            if name not in told:
                faults.append((name, _fault(error)))
        return None
    return person if not told & set(PERSON_FIELDS) else None


def _fault(error: Any) -> Fault:
    if error["type"] == "string_too_long":
        return Fault("must be at most %(limit)s characters", {"limit": error["ctx"]["max_length"]})
    message = str(error["msg"]).removeprefix("Value error, ")
    return Fault(message.replace("%", "%%") if "%" in message else message)


def _past(day: str) -> Fault | None:
    try:
        _PAST_DATE.validate_python(day)
    except ValidationError as failure:
        return _fault(failure.errors(include_url=False)[0])
    return None


def _split(full: str, values: dict[str, str]) -> None:
    """Take a whole name apart in the usual order: family name, given name, the father's."""
    family, _, rest = full.partition(" ")
    given, _, patronymic = rest.partition(" ")
    for name, part in (("family_name", family), ("given_name", given), ("patronymic", patronymic)):
        if part and not values.get(name):
            values[name] = part


def _digest(person: Mapping[str, Any] | None) -> str:
    return _sha(json.dumps(person, sort_keys=True, ensure_ascii=False))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
