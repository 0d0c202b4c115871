"""Families of what the dry run checked and staged."""

from datetime import date
from typing import Any

from services.registration.families import handlers as families
from services.registration.families.domain import Consent, Family, Member, Origin, Residence
from services.registration.imports.ready import Ready


def family_of(staged: Ready) -> Family:
    """Make the family of what the dry run checked."""
    values = staged.values
    consent = None
    if values.get("consent") == "yes":
        given_on = date.fromisoformat(values["consent_on"])
        consent = Consent("consent", ("event_notifications",), "head", given_on)
    return families.new_family(
        Origin(values["origin_district"], values["origin_settlement"]),
        Residence(
            values["residence_district"],
            values["residence_settlement"],
            values.get("residence_address"),
        ),
        [_member(person) for person in staged.persons],
        consent,
    )


def _member(person: dict[str, Any]) -> Member:
    return Member(**{**person, "birth_date": date.fromisoformat(person["birth_date"])})
