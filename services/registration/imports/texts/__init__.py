"""What is said of imports, in the languages of the desk: catalogues beside, English in the code."""

from collections.abc import Mapping

from services.registration.desk.languages import Language, translate
from services.registration.imports.domain import Fault

__all__ = ["FIELD_NAMES", "Language", "field_name", "say"]


def say(fault: Fault, language: Language) -> str:
    """Say what is wrong; a sentence without a translation stays English."""
    return Fault(translate(fault.message, language), fault.about).in_english()


def field_name(name: str, language: Language) -> str:
    """Name a field as people call it; empty is the row as a whole."""
    return translate(FIELD_NAMES.get(name, name), language)


FIELD_NAMES: Mapping[str, str] = {
    "": "Row",
    "reason": "What is wrong",
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
