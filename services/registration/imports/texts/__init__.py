"""What is said of imports, in the languages of the desk: catalogues beside, English in the code."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from babel.messages.pofile import read_po

from services.registration.imports.domain import Fault

Language = Literal["az", "en", "ru"]

_FOLDER = Path(__file__).parent


def say(fault: Fault, language: Language) -> str:
    """Say what is wrong; a sentence without a translation stays English."""
    return Fault(_sentences(language).get(fault.message, fault.message), fault.about).in_english()


def field_name(name: str, language: Language) -> str:
    """Name a field as people call it; empty is the row as a whole."""
    english = FIELD_NAMES.get(name, name)
    return _sentences(language).get(english, english)


FIELD_NAMES: Mapping[str, str] = {
    "": "Row",
    "family_key": "Family number",
    "full_name": "Full name",
    "given_name": "Given name",
    "family_name": "Family name",
    "patronymic": "Patronymic",
    "sex": "Sex",
    "birth_date": "Date of birth",
    "fin": "FIN",
    "phone": "Phone",
    "email": "E-mail",
    "language": "Language",
    "relation": "Relation to the head",
    "origin_district": "District of origin",
    "origin_settlement": "Settlement of origin",
    "residence_district": "District of residence",
    "residence_settlement": "Settlement of residence",
    "residence_address": "Address",
    "consent": "Consent to messages",
    "consent_on": "Date of consent",
}


@cache
def _sentences(language: Language) -> Mapping[str, str]:
    file = _FOLDER / f"{language}.po"
    if language == "en" or not file.is_file():
        return {}
    with file.open("rb") as catalogue:
        return {
            str(message.id): str(message.string)
            for message in read_po(catalogue, locale=language)
            if message.id and message.string
        }
