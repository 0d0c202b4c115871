"""Exports: the lists, their columns, and who gets which."""

from collections.abc import Mapping
from typing import Literal, get_args

List = Literal[
    "families", "persons", "enrolments", "waiting-list", "attendance", "duplicates", "audit"
]
Format = Literal["csv", "xlsx"]
Separator = Literal[";", ","]

_PLACES = ("origin_district", "origin_settlement", "residence_district", "residence_settlement")
_PERSON = (
    "person_id", "family_id", "relation", "family_name", "given_name", "patronymic", "sex",
    "birth_date", "language",
)  # fmt: skip
_SEATS = (
    "enrolment_id", "event_id", "family_id", "family_name", "given_name", "patronymic", "status",
    "seats", "origin_district", "enrolled_at",
)  # fmt: skip

COLUMNS: Mapping[List, tuple[str, ...]] = {
    "families": (
        "family_id", "registered_at", "family_name", "given_name", "patronymic", "members",
        *_PLACES, "address", "consent_basis", "consent_purposes", "consent_given_on",
    ),
    "persons": (*_PERSON, "fin", "phone", "email", *_PLACES, "address"),
    "enrolments": (*_SEATS, "phone"),
    "waiting-list": ("place", *_SEATS, "phone"),
    "attendance": (
        "event_id", "enrolment_id", *_PERSON, "origin_district", "fin", "phone", "attended_at",
    ),
    "duplicates": ("case_id", "family_a", "family_b", "state", "score", "reasons", "found_at"),
    "audit": (
        "entry", "at", "actor", "roles", "network_address", "action", "subject_type",
        "subject_id", "reason", "details", "correlation_id",
    ),
}  # fmt: skip

PERSONAL = frozenset({"fin", "phone", "email", "address"})
"""Columns that only a registrar gets."""
NAMES = frozenset({"family_name", "given_name", "patronymic", "birth_date"})
"""Columns that say who somebody is; who makes events counts people, and needs none of these."""

OF_AN_EVENT: frozenset[List] = frozenset({"enrolments", "waiting-list", "attendance"})
ROLES: Mapping[List, frozenset[str]] = {
    **dict.fromkeys(get_args(List), frozenset({"registrar", "auditor"})),
    **dict.fromkeys(OF_AN_EVENT, frozenset({"registrar", "organiser", "auditor"})),
    "audit": frozenset({"auditor"}),
}
"""Who may take a list out: whoever may read it otherwise."""


def columns_for(wanted: List, roles: frozenset[str]) -> tuple[str, ...]:
    """Name the columns that these roles get of a list."""
    if "registrar" in roles:
        return COLUMNS[wanted]
    withheld = PERSONAL if "auditor" in roles else PERSONAL | NAMES
    return tuple(name for name in COLUMNS[wanted] if name not in withheld)
