"""Names of districts in the three languages."""

import pycountry
import pytest

from services.notifications.texts.domain import LANGUAGES, Language
from shared.places import UnknownDistrictError, district_name

_ISO_NAMES = {s.code: s.name for s in pycountry.subdivisions if s.country_code == "AZ"}
_AZERBAIJANI_LETTERS = set("abcçdeəfgğhxıijkqlmnoöprsştuüvyzABCÇDEƏFGĞHXIİJKQLMNOÖPRSŞTUÜVYZ")


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("AZ-AGM", "az", "Ağdam"),
        ("AZ-AGM", "en", "Aghdam"),
        ("AZ-AGM", "ru", "Агдам"),
        ("AZ-KAL", "en", "Kalbajar"),
        ("AZ-XVD", "ru", "Ходжавенд"),
        ("AZ-BA", "en", "Baku"),
        ("AZ-SAT", "en", "Saatly"),
        ("AZ-KAN", "az", "Kəngərli"),
    ],
)
def test_a_code_has_its_name(code: str, language: Language, name: str) -> None:
    assert district_name(code, language) == name


@pytest.mark.parametrize("code", sorted(_ISO_NAMES))
def test_azerbaijani_names_are_those_of_iso_3166_in_azerbaijani_letters(code: str) -> None:
    name = district_name(code, "az")
    assert name == _ISO_NAMES[code].replace("ǝ", "ə")
    assert set(name) <= _AZERBAIJANI_LETTERS


@pytest.mark.parametrize(
    "code",
    ["AGM", "LAC", "KAL", "FUZ", "CAB", "ZAN", "QBI", "SUS", "XCI", "XVD", "XA", "TAR", "BAR"],
)
def test_districts_of_return_are_written_in_each_script(code: str) -> None:
    az, en, ru = (district_name(f"AZ-{code}", language) for language in LANGUAGES)
    assert en.isascii()
    assert all("а" <= letter <= "я" for letter in ru.lower())
    assert az != en


@pytest.mark.parametrize("code", ["AZ-ZZZ", "", "Bərdə"])
def test_an_unknown_code_is_refused(code: str) -> None:
    with pytest.raises(UnknownDistrictError):
        district_name(code, "az")
