"""Bodies of families and events that are valid, and unlike those of any other test."""

import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from shared.districts import known_districts

Body = dict[str, Any]

_FIN_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_numbers = itertools.count(secrets.randbelow(1_000_000))
_districts = sorted(known_districts())
_places = itertools.count()


@dataclass(frozen=True)
class Place:
    """Where people come from and live: an audience that no other test's families are in."""

    origin: str
    residence: str

    @property
    def audience(self) -> Body:
        """The audience of an event for these people."""
        return {"origins": [self.origin], "residences": [self.residence]}


def place() -> Place:
    """Give out the next pair of districts."""
    number = next(_places)
    many = len(_districts)
    return Place(_districts[number % many], _districts[number // many % many])


def phone() -> str:
    """Give out the next valid mobile number."""
    return f"+99450{2_000_000 + next(_numbers) % 7_900_000}"


def fin() -> str:
    """Give out the next valid FIN."""
    number, letters = next(_numbers), "5"
    for _ in range(6):
        number, letter = divmod(number, len(_FIN_LETTERS))
        letters += _FIN_LETTERS[letter]
    return letters


def email() -> str:
    """Give out the next mailbox."""
    return f"test{next(_numbers)}@example.com"


def person(**other: Any) -> Body:
    """Make the body of one member; `phone=None` and the like leave something out."""
    return {
        "given_name": "Əli",
        "family_name": "Həsənov",
        "patronymic": "Vaqif oğlu",
        "sex": "male",
        "birth_date": "1961-03-02",
        "fin": fin(),
        "phone": phone(),
        "email": None,
        "language": "az",
        "relation": "head",
        **other,
    }


def family(at: Place, *members: Body, consent: bool = True) -> Body:
    """Make the body of a family; its head stands first, without members it is one person."""
    everyone = list(members) or [person()]
    for number, member in enumerate(everyone):
        member["relation"] = "head" if number == 0 else "child"
    purposes = ["event_notifications"] if consent else []
    return {
        "origin": {"district": at.origin, "settlement": "Novruzlu"},
        "residence": {"district": at.residence, "settlement": "Mərkəz", "address": "Nizami 14"},
        "members": everyone,
        "consent": {
            "basis": "consent",
            "purposes": purposes,
            "given_by": "head",
            "given_on": "2026-11-01",
        },
    }


def household(at: Place, size: int, **other: Any) -> Body:
    """Make the body of a family of that many people who share one phone."""
    shared = {"phone": phone(), **other}
    return family(at, *(person(given_name=name, **shared) for name in _NAMES[:size]))


def event(
    at: Place, *, capacity: int = 60, days: float = 7, title: str | None = None, **other: Any
) -> Body:
    """Make the body of an event that starts in that many days and is for these people."""
    name = title or f"Seminar {uuid4().hex[:6]}"
    starts_at = (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0)
    return {
        "kind": "seminar",
        "title": {"az": f"{name} az", "en": f"{name} en", "ru": f"{name} ru"},
        "summary": {"az": "Proqram haqqında", "en": "About the programme", "ru": "О программе"},
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=3)).isoformat(),
        "venue": {"name": "Mədəniyyət Evi", "district": "AZ-BAR", "address": "Nizami 1"},
        "capacity": capacity,
        "audience": at.audience,
        "enrolment_closes_at": (starts_at - timedelta(hours=16)).isoformat(),
        **other,
    }


def reason(text: str = "Təmir") -> Body:
    """Make a reason in three languages."""
    return {"az": f"{text} az", "en": f"{text} en", "ru": f"{text} ru"}


def personal_values(families: Sequence[Body]) -> set[str]:
    """Name everything in these families that must never leave to outside systems."""
    fields = ("given_name", "family_name", "patronymic", "fin", "phone", "email", "birth_date")
    found = {body["residence"]["address"] for body in families}
    for body in families:
        for member in body["members"]:
            found |= {str(member[name]) for name in fields if member[name]}
    return found


_NAMES = ("Əli", "Səbinə", "Murad", "Aytən", "Nərgiz", "Tural", "Fidan", "Çinarə")
