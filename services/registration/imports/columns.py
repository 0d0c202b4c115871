"""The fields that a list can hold, and the headers that each is known by."""

import unicodedata
from collections.abc import Mapping, Sequence

HEADERS: Mapping[str, tuple[str, ...]] = {
    "family_key": (
        "ailə nömrəsi", "ailə №", "ailə no", "ailə kodu", "ailə id", "ailə", "family number",
        "family no", "family key", "family id", "family", "household", "household id",
        "номер семьи", "№ семьи", "код семьи", "семья",
    ),
    "full_name": (
        "soyadı, adı, atasının adı", "soyadı adı ata adı", "soyad ad ata adı", "saa", "full name",
        "name and surname", "фио", "ф.и.о.", "фамилия имя отчество", "soyadı adı atasının adı",
    ),
    "given_name": ("ad", "adı", "given name", "first name", "name", "имя"),
    "family_name": ("soyad", "soyadı", "family name", "surname", "last name", "фамилия"),
    "patronymic": (
        "ata adı", "atasının adı", "atasının adı (oğlu/qızı)", "patronymic", "father's name",
        "father name", "отчество",
    ),
    "sex": ("cins", "cinsi", "cinsiyyət", "sex", "gender", "пол"),
    "birth_date": (
        "doğum tarixi", "doğulduğu tarix", "təvəllüd", "anadan olduğu tarix", "birth date",
        "date of birth", "birthday", "dob", "дата рождения", "д.р.", "год рождения",
    ),
    "fin": (
        "fin", "fin kod", "fin kodu", "fi̇n", "şəxsiyyət vəsiqəsinin fin kodu", "pin",
        "personal number", "фин", "фин код", "пин", "пин код",
    ),
    "phone": (
        "telefon", "telefon nömrəsi", "mobil", "mobil telefon", "əlaqə nömrəsi", "əlaqə", "tel",
        "phone", "phone number", "mobile", "телефон", "номер телефона", "тел", "мобильный",
    ),
    "email": (
        "e-poçt", "epoçt", "elektron poçt", "e-mail", "email", "mail", "эл. почта", "почта",
        "электронная почта",
    ),
    "language": ("dil", "dili", "language", "язык"),
    "relation": (
        "qohumluq", "qohumluq dərəcəsi", "qohumluq əlaqəsi", "ailə başçısına münasibət",
        "ailə başçısına qohumluğu", "ailədə rolu", "kimdir", "relation", "relationship",
        "relation to head", "relation to the head", "родство", "родство с главой",
        "степень родства", "отношение к главе", "отношение к главе семьи", "кем приходится",
    ),
    "origin_district": (
        "didərgin düşdüyü rayon", "əvvəlki rayon", "mənşə rayonu", "köçdüyü rayon",
        "daimi yaşadığı rayon", "origin district", "district of origin", "origin",
        "район происхождения", "откуда (район)", "прежний район",
    ),
    "origin_settlement": (
        "didərgin düşdüyü kənd", "əvvəlki kənd", "mənşə kəndi", "köçdüyü kənd",
        "daimi yaşadığı kənd", "əvvəlki yaşayış yeri", "settlement of origin", "origin settlement",
        "village of origin", "origin village",
        "село происхождения", "откуда (село)", "прежнее село",
    ),
    "residence_district": (
        "yaşadığı rayon", "hazırda yaşadığı rayon", "faktiki rayon", "residence district",
        "district of residence", "current district", "район проживания", "район",
    ),
    "residence_settlement": (
        "yaşadığı yer", "yaşadığı şəhər", "yaşadığı kənd", "yaşayış yeri", "hazırda yaşadığı yer",
        "settlement of residence", "residence settlement", "place of residence", "residence",
        "current settlement",
        "место проживания", "населённый пункт", "населенный пункт",
    ),
    "residence_address": (
        "ünvan", "ünvanı", "yaşadığı ünvan", "küçə", "address", "residence address",
        "current address", "адрес", "адрес проживания",
    ),
    "consent": (
        "razılıq", "razılığı", "məlumat almağa razılıq", "consent", "consent to messages",
        "agrees", "согласие", "согласие на сообщения",
    ),
    "consent_on": (
        "razılıq tarixi", "razılığın tarixi", "consent date", "date of consent", "consent on",
        "дата согласия",
    ),
}  # fmt: skip

FIELDS: tuple[str, ...] = tuple(HEADERS)
PERSON_FIELDS: tuple[str, ...] = (
    "given_name", "family_name", "patronymic", "sex", "birth_date", "fin", "phone", "email",
    "language", "relation",
)  # fmt: skip
FAMILY_FIELDS: tuple[str, ...] = (
    "origin_district", "origin_settlement", "residence_district", "residence_settlement",
    "residence_address", "consent", "consent_on",
)  # fmt: skip
NEEDED: tuple[str, ...] = (
    "family_key", "given_name", "family_name", "sex", "birth_date", "relation", "origin_district",
    "origin_settlement", "residence_district", "residence_settlement",
)  # fmt: skip


def plain(text: str) -> str:
    """Fold a header or a word for comparing: case, dots, spacing and Turkish i play no part."""
    folded = unicodedata.normalize("NFKC", text).replace("İ", "i").replace("I", "ı").casefold()
    folded = folded.replace("ı", "i").replace("ё", "е").replace("_", " ")
    kept = "".join(
        letter if letter.isalnum() or letter in "№" else " "
        for letter in folded
        if not unicodedata.combining(letter)
    )
    return " ".join(kept.split())


_KNOWN = {plain(header): name for name, headers in HEADERS.items() for header in headers} | {
    plain(name): name for name in HEADERS
}


def guess(headers: Sequence[str]) -> dict[str, str]:
    """Guess which header each field stands under; the first of several wins."""
    guessed: dict[str, str] = {}
    for header in headers:
        name = _KNOWN.get(plain(header))
        if name:
            guessed.setdefault(name, header)
    if "given_name" in guessed and "family_name" in guessed:
        guessed.pop("full_name", None)
    return guessed


def missing(mapped: Mapping[str, str], constants: Mapping[str, str]) -> list[str]:
    """Name the fields that must have a column or one value for all rows, and have neither."""
    there = set(mapped) | set(constants)
    if "full_name" in there:
        there |= {"given_name", "family_name"}
    return [name for name in NEEDED if name not in there]
