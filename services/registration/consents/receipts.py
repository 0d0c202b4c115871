"""The receipt that a family keeps: what it decided, in its language, on one page.

The words lie in `wording/<language>.json`; each decision keeps the version it was made under.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from services.registration.consents.domain import Recorded
from services.registration.families.domain import Family, Language

_FOLDER = Path(__file__).parent / "wording"


@dataclass(frozen=True, slots=True)
class Words:
    """What a receipt says, part by part."""

    subject: str
    operator: str
    purpose: str
    data: str
    processing: str
    validity: str
    withdrawal: str
    text: str


def write(recorded: Recorded, family: Family, language: Language, today: date) -> Words:
    """Write the receipt of a decision."""
    words, decision = _words(language), recorded.decision
    purpose = words["purposes"][decision.purpose]
    parts = {
        "number": recorded.receipt,
        "subject": _subject(family, words),
        "operator": words["operator"],
        "purpose": purpose["name"],
        "basis": words["bases"][decision.basis],
        "data": purpose["data"],
        "processing": purpose["processing"],
        "decision": words["kinds"][decision.kind],
        "decided_on": f"{decision.decided_on:%d.%m.%Y}",
        "given_by": words["relations"].get(decision.given_by, "—"),
        "channel": words["channels"][decision.channel],
        "validity": _validity(recorded, words, today),
        "withdrawal": words["withdrawal"],
    }
    lines = [words["title"], ""]
    lines += [f"{words['labels'][name]}: {text}" for name, text in parts.items()]
    lines += ["", words["labels"]["law"], ""]
    told = {name: parts[name] for name in Words.__slots__ if name != "text"}
    return Words(**told, text="\n".join(lines))


def _subject(family: Family, words: dict[str, Any]) -> str:
    heads = [each.member for each in family.persons if each.member.relation == "head"]
    name = f"{heads[0].given_name} {heads[0].family_name}" if heads else "—"
    told: str = words["family_of"].format(name=name, members=len(family.persons))
    return told


def _validity(recorded: Recorded, words: dict[str, Any], today: date) -> str:
    if not recorded.holds(today):
        return str(words["ended"])
    until = recorded.decision.valid_until
    if until is None:
        return str(words["until_withdrawn"])
    return str(words["until"].format(date=f"{until:%d.%m.%Y}"))


@cache
def _words(language: Language) -> dict[str, Any]:
    words: dict[str, Any] = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return words
