"""Fold keys: every usual spelling of a name leads to one key.

Azerbaijani letters are folded by an explicit table, since neither `unaccent` nor ICU touches ə.
Latin and Russian spellings meet in classes: Əliyev, Aliyev, Алиев; Cəfərov, Jafarov, Джафаров;
Xəlilov, Khalilov, Халилов; Qasımov, Gasymov, Касымов. A Russian г, and the g of a Latin spelling
made from it, stands for q, ğ or h (Гулиев, Гасанов), so both readings are kept.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product

READINGS = 8
"""Readings of one word at most."""

LONGEST = 40
"""Letters of a word that count."""

_AMBIGUOUS = "\0"  # a g that may be an h; never left in a key

_SIGNS = dict.fromkeys(map(ord, "'’‘ʼʹ`-‐‑"))

_CYRILLIC = {
    "ья": "iya", "ью": "iyu", "ьё": "iyo", "ь": "", "ъ": "", "дж": "c", "кх": "x",
    "щ": "ş", "ш": "ş", "ч": "ç", "ж": "c", "ц": "ts", "х": "x", "а": "a", "б": "b",
    "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo",
    "з": "z", "и": "i", "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p",
    "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "ы": "i", "э": "e", "ю": "yu", "я": "ya",
    "ә": "ə", "ғ": "ğ", "ҝ": "k", "ө": "ö", "ү": "ü", "һ": "h", "ҹ": "c", "ј": "y",
}  # fmt: skip

_AZERBAIJANI = str.maketrans(
    {"ə": "e", "ğ": "q", "ı": "i", "ö": "o", "ü": "u", "ş": "s", "ç": "c", "â": "a", "î": "i"}
)

_DIGRAPHS = {
    "dzh": "c", "dj": "c", "zh": "c", "ch": "c", "sh": "s", "kh": "h", "gh": "q",
}  # fmt: skip

_CLASSES = str.maketrans(
    {"e": "a", "x": "h", "k": "q", "g": _AMBIGUOUS, "j": "c", "w": "v", "y": "i"}
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it was spelled, in small letters, and the keys that its spellings share."""

    spelling: str
    readings: frozenset[str]


def words_of(text: str) -> list[Word]:
    """Fold a text word by word, each into all its readings; signs alone leave nothing."""
    folded = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    folded = folded.replace("İ", "i").replace("I", "i").casefold()
    words = (word[:LONGEST] for word in re.findall(r"[^\W_]+", folded))
    return [Word(word, readings) for word in words if (readings := _readings(word))]


@lru_cache(maxsize=16_384)
def _readings(word: str) -> frozenset[str]:
    choices = [("q", "h") if letter == _AMBIGUOUS else (letter,) for letter in _skeleton(word)]
    folded = (_single("".join(each)) for each in islice(product(*choices), READINGS))
    return frozenset(each for each in folded if each)


def _skeleton(word: str) -> str:
    # After a consonant я, ю and ё only soften it: Кямаля is Kəmalə, Гюнай and Gyunay are Günay.
    latin = _replace(re.sub(r"(?<=[бвгджзклмнпрстфхцчшщ])я", "а", word), _CYRILLIC)
    latin = re.sub(r"(?<=[bcçdfgğhjklmnpqrsştvxz])y(?=[ou])", "", latin)
    plain = unicodedata.normalize("NFD", _replace(latin.translate(_AZERBAIJANI), _DIGRAPHS))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return bare.translate(_CLASSES)


def _single(word: str) -> str:
    """Write doubled letters once: Məmmədov is Мамедов."""
    return re.sub(r"(.)\1+", r"\1", word)


def _replace(word: str, table: dict[str, str]) -> str:
    pattern = "|".join(sorted(table, key=len, reverse=True))
    return re.sub(pattern, lambda found: table[found[0]], word)
