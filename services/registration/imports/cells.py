"""What people write in a cell, as the register keeps it; what cannot be read is a fault."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from itertools import islice, product

import pycountry

from services.registration.families.name_keys import words_of
from services.registration.imports.columns import plain
from services.registration.imports.domain import Fault

Cell = str | int | float | bool | date | None

_SEXES = {
    "female": "qadın q qadin qız woman female f женский жен женщина ж девочка",
    "male": "kişi k kisi oğlan man male m мужской муж мужчина м мальчик",
}
_RELATIONS = {
    "head": (
        "head|head of family|head of household|ailə başçısı|başçı|ailənin başçısı|özü|"
        "глава|глава семьи"
    ),
    "spouse": (
        "spouse|wife|husband|həyat yoldaşı|yoldaşı|arvad|arvadı|ər|əri|"
        "супруг|супруга|жена|муж|супруг(а)"
    ),
    "child": (
        "child|son|daughter|övlad|övladı|uşaq|uşağı|oğlu|oğul|qızı|qız|"
        "ребенок|ребёнок|сын|дочь|дочка"
    ),
    "parent": ("parent|father|mother|valideyn|valideyni|ata|atası|ana|anası|отец|мать|родитель"),
    "sibling": ("sibling|brother|sister|qardaş|qardaşı|bacı|bacısı|брат|сестра"),
    "grandchild": ("grandchild|grandson|granddaughter|nəvə|nəvəsi|внук|внучка"),
    "other": (
        "other|relative|digər|başqa|qohum|qohumu|gəlin|gəlini|kürəkən|kürəkəni|"
        "другое|другой|другая|родственник|родственница|прочее"
    ),
}
_LANGUAGES = {
    "az": "az|aze|azərbaycan|azərbaycan dili|azərbaycanca|azerbaijani|азербайджанский",
    "en": "en|eng|ingilis|ingilis dili|ingiliscə|english|английский",
    "ru": "ru|rus|rus dili|rusca|russian|русский",
}
_YES_NO = {
    "yes": "yes|y|true|1|+|bəli|hə|var|razıdır|да|есть|согласен|согласна",
    "no": "no|n|false|0|-|xeyr|yox|yoxdur|razı deyil|нет|не согласен|не согласна",
}


def _words(table: dict[str, str], apart: str | None = "|") -> dict[str, str]:
    return {
        plain(word) or word: name for name, words in table.items() for word in words.split(apart)
    }


_SEX = _words(_SEXES, None)
_RELATION = _words(_RELATIONS)
_LANGUAGE = _words(_LANGUAGES)
_ANSWER = _words(_YES_NO)

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\.?", re.ASCII)
_SERIAL = re.compile(r"\d{3,5}", re.ASCII)
_FIRST_SERIAL_DAY = date(1899, 12, 30)
"""Day 0 of a spreadsheet, counted back over the 29 February 1900 that never was (ECMA-376)."""

_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2007\u202f"), " ")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def text_of(cell: Cell) -> str:
    """Write a cell as text: trimmed, spaces single, a whole number without its fraction."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        cell = cell.date() if cell.time() == datetime.min.time() else cell
    if isinstance(cell, date):
        return cell.isoformat()
    text = unicodedata.normalize("NFC", str(cell)).translate(_BLANKS).translate(_INVISIBLE)
    return re.sub(" +", " ", text).strip()


def birth_date(text: str) -> str | Fault:
    """Read a date: 1961-03-02, 02.03.1961 or a spreadsheet's day number; never a guess."""
    if found := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DOTTED.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    elif _SERIAL.fullmatch(text) and not 1900 <= int(text) <= 2100:
        return (_FIRST_SERIAL_DAY + timedelta(days=int(text))).isoformat()
    else:
        return Fault("must be a date, like 02.03.1961 or 1961-03-02")
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return Fault("there is no such day")


def sex(text: str) -> str | Fault:
    """Read a sex in any of the three languages."""
    return _SEX.get(plain(text)) or Fault("must be a sex, like kişi or qadın")


def relation(text: str) -> str | Fault:
    """Read who a person is to the head of the family."""
    return _RELATION.get(plain(text)) or Fault(
        "must say who this is to the head, like başçı, həyat yoldaşı, oğlu, qızı, ata, ana, digər"
    )


def language(text: str) -> str | Fault:
    """Read a language by its name or code."""
    return _LANGUAGE.get(plain(text)) or Fault("must be a language: az, en or ru")


def answer(text: str) -> str | Fault:
    """Read a yes or a no."""
    return _ANSWER.get(plain(text) or text) or Fault("must be yes or no")


def fin(text: str) -> str | Fault:
    """Read a FIN; letters that it cannot have are never rewritten, only asked about."""
    typed = "".join(text.split(" "))
    upper = typed.upper() if typed.isascii() else typed
    mended = upper.replace("O", "0").replace("I", "1")
    if upper != mended and re.fullmatch(r"[0-9A-HJ-NP-Z]{7}", mended, re.ASCII):
        return Fault("has no letters O and I: did you mean %(mended)s?", {"mended": mended})
    return upper


def phone(text: str) -> str | Fault:
    """Read a phone number however it is spaced; also one that lost its 0 in a spreadsheet."""
    if re.search(r"[;,/\n]", text):
        return Fault("must be one phone number")
    typed = re.sub(r"[ ().\u2010-\u2015-]", "", text)
    if typed.startswith("00994"):
        return f"+{typed[2:]}"
    if re.fullmatch(r"994\d{9}", typed, re.ASCII):
        return f"+{typed}"
    if re.fullmatch(r"[1-9]\d{8}", typed, re.ASCII):
        return f"0{typed}"
    return typed


@lru_cache(maxsize=10_000)
def district(text: str) -> str | Fault:
    """Read a district by its code or by its name in any spelling."""
    code = text.strip().upper()
    places = _places()
    if code in places.codes:
        return code
    words = [word for word in plain(text).split() if word not in _DISTRICT_WORDS]
    city = any(word in _CITY_WORDS for word in words)
    key = [word for word in words if word not in _CITY_WORDS]
    for reading in _readings(" ".join(key)):
        found = (places.cities if city else places.districts).get(reading)
        found = found or (places.districts if city else places.cities).get(reading)
        if found:
            return found
    return Fault("must be a district of Azerbaijan, like Ağdam or AZ-AGM")


_DISTRICT_WORDS = {
    plain(word) for word in ("rayonu", "rayon", "r", "district", "region", "район", "р")
}
_CITY_WORDS = {plain(word) for word in ("şəhəri", "şəhər", "ş", "city", "town", "город", "г")}
_OTHER_NAMES = {
    "AZ-FUZ": "Физули", "AZ-BA": "Baku", "AZ-GA": "Ganja", "AZ-XA": "Stepanakert Степанакерт",
    "AZ-NX": "Nakhchivan Нахичевань", "AZ-SM": "Сумгаит", "AZ-SUS": "Shushi Шуша",
}  # fmt: skip


class _Places:
    def __init__(self) -> None:
        self.codes: set[str] = set()
        self.districts: dict[str, str] = {}
        self.cities: dict[str, str] = {}
        for place in pycountry.subdivisions.get(country_code="AZ") or []:  # type: ignore[no-untyped-call]
            self.codes.add(place.code)
            # The list has the African Ǝ in one name, where the alphabet has Ə.
            names = [place.name.replace("ǝ", "ə"), *_OTHER_NAMES.get(place.code, "").split()]
            known = self.cities if place.type == "Municipality" else self.districts
            for name in names:
                for reading in _readings(name):
                    known.setdefault(reading, place.code)


@cache
def _places() -> _Places:
    return _Places()


def _readings(text: str) -> Iterable[str]:
    words = [sorted(word.readings) for word in words_of(text)]
    return ["".join(each) for each in islice(product(*words), 16)] if words else []
