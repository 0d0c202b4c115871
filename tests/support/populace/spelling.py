"""How people write the same name: plain Latin letters, Russian, typing slips.

Written from how names stand in passports and lists, not from our fold rules, which are measured
against it.
"""

import re
from random import Random

_ENGLISH = {
    "ə": "a", "x": "kh", "q": "g", "ğ": "gh", "c": "j", "ç": "ch", "ş": "sh", "ö": "o", "ü": "u",
    "ı": "i",
}  # fmt: skip
_BARE = {"ə": "e", "ğ": "g", "ç": "c", "ş": "s", "ö": "o", "ü": "u", "ı": "i"}
_RUSSIAN = {
    "ə": "а", "a": "а", "b": "б", "c": "дж", "ç": "ч", "d": "д", "e": "е", "f": "ф", "g": "г",
    "ğ": "г", "h": "г", "x": "х", "i": "и", "ı": "ы", "j": "ж", "k": "к", "q": "г", "l": "л",
    "m": "м", "n": "н", "o": "о", "ö": "о", "p": "п", "r": "р", "s": "с", "ş": "ш", "t": "т",
    "u": "у", "ü": "у", "v": "в", "y": "й", "z": "з",
}  # fmt: skip
_SOFT = (("ya", "я"), ("yə", "я"), ("yu", "ю"), ("yü", "ю"), ("ye", "е"), ("yo", "ё"))
_NEXT_TO = {
    "a": "sq", "s": "ad", "d": "sf", "e": "rw", "i": "uo", "l": "kş", "n": "bm", "m": "n", "r": "e",
    "t": "ry", "v": "bc", "y": "tu", "u": "yi", "o": "ip", "b": "vn", "h": "gj", "g": "fh",
    "k": "jl", "f": "dg", "z": "x", "q": "ə", "ə": "q", "c": "xv", "x": "zc", "p": "o", "j": "hk",
}  # fmt: skip


def english(name: str, chance: Random) -> str:
    """Write a name in plain Latin letters, as in an old passport: Aliyev, Khalilov, Gasimov."""
    ways = dict(_ENGLISH)
    if chance.random() < 0.3:
        ways |= {"ğ": "g", "ı": "y", "x": "h"}
    if chance.random() < 0.25:
        ways |= {"ə": "e"}
    written = _letters(name, ways)
    return re.sub(r"iye", "ie", written) if chance.random() < 0.3 else written


def bare(name: str, _: Random) -> str:
    """Leave the signs out, as on a keyboard without them: Eliyev, Hesenov, Sukur."""
    return _letters(name, _BARE)


def russian(name: str, chance: Random) -> str:
    """Write a name in Russian: Алиев, Гасанов, Кулиев, Джафаров."""
    ways = dict(_RUSSIAN)
    if chance.random() < 0.35:
        ways |= {"q": "к"}
    if chance.random() < 0.3:
        ways |= {"ü": "ю", "ö": "ё"}
    if chance.random() < 0.15:
        ways |= {"h": "х"}
    if chance.random() < 0.25:
        ways |= {"ı": "и"}
    small = name.replace("İ", "i").replace("I", "ı").lower()
    small = re.sub(r"(.)\1", r"\1", small)  # Мамедов
    small = small.replace("oğlu", "оглы").replace("qızı", "кызы")
    for latin, letter in (
        ("ya", "я"),
        ("yə", "я"),
        ("yu", "ю"),
        ("yü", "ю"),
        ("ye", "е"),
        ("yo", "ё"),
    ):
        small = small.replace(latin, letter)
    small = re.sub(r"\be", "э", small)
    return _titled("".join(ways.get(letter, letter) for letter in small))


def slip(name: str, chance: Random) -> str:
    """Make one slip of the finger behind the first letter: wrong, swapped, missing or doubled."""
    if len(name) < 4:
        return name
    at = chance.randrange(1, len(name) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        return name[:at] + name[at + 1 :]
    if kind == 1:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    near = chance.choice(_NEXT_TO.get(name[at].lower(), "aei"))
    if kind == 2:
        return name[:at] + near + name[at + 1 :]
    return name[:at] + near + name[at:]


def _letters(name: str, ways: dict[str, str]) -> str:
    small = name.replace("İ", "i").replace("I", "ı").lower()
    return _titled("".join(ways.get(letter, letter) for letter in small))


def _titled(small: str) -> str:
    return re.sub(r"(^|[ -])(\w)", lambda found: found[1] + found[2].upper(), small)
